import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeTemplates, scopedInScenes } from '../testing/fakeTemplates';
import { interpolate, interpolateOne } from './interpolate';

describe('values of a text with variables', () => {
  const templates = fakeTemplates({
    model: { value: 'gpt-4o' },
    many: { value: ['a|b', 'c,"d"', "e'f", '模型-ü', '{g}', '$model'] },
    all: { value: ['$__all'], options: ['x', 'y'] },
    allAsPattern: { value: ['$__all'], options: ['x', 'y'], allValue: '.*' },
    one: { value: '$__all', options: ['x'] },
    large: { value: ['$__all'], options: Array.from({ length: 201 }, (_, at) => `key-${at}`) },
    empty: { value: '' },
  });
  const valuesOf = (text: string) => interpolate(text, templates).values;

  it('without variables is the text', () => {
    expect(interpolate('gpt-4o | "x"', templates)).toEqual({ values: ['gpt-4o | "x"'], all: false });
  });

  it('come one by one, whatever is in them', () => {
    expect(valuesOf('$many')).toEqual(['a|b', 'c,"d"', "e'f", '模型-ü', '{g}', '$model']);
    expect(valuesOf('${model}')).toEqual(['gpt-4o']);
    expect(valuesOf('[[model]]')).toEqual(['gpt-4o']);
  });

  it('combine with what stands around them', () => {
    expect(valuesOf('team-${model}-$many').slice(0, 2)).toEqual(['team-gpt-4o-a|b', 'team-gpt-4o-c,"d"']);
  });

  it('limit nothing when All is chosen, whatever value it stands for', () => {
    expect(interpolate('$all', templates).all).toBe(true);
    expect(interpolate('$allAsPattern', templates).all).toBe(true);
    expect(interpolate('$one', templates).all).toBe(true);
    expect(interpolate('team-$allAsPattern', templates).all).toBe(true);
    expect(interpolate('${allAsPattern:regex}', templates).all).toBe(true);
    expect(interpolate('$model', templates).all).toBe(false);
  });

  it('limit nothing when All is chosen, however many values that are', () => {
    expect(interpolate('$large', templates).all).toBe(true);
    expect(interpolate('$large-$large', templates).all).toBe(true);
  });

  it.each(['all', 'one', 'allAsPattern', 'large'])(
    'of a panel that Scenes repeats by $%s are its one value',
    (name) => {
      const repeated = scopedInScenes({ [name]: 'x' });
      expect(interpolate(`$${name}`, templates, repeated)).toEqual({ values: ['x'], all: false });
      expect(interpolate(`team-[[${name}]]`, templates, repeated)).toEqual({ values: ['team-x'], all: false });
    },
  );

  it('of a repeated panel go before those of the dashboard', () => {
    expect(interpolate('$all', templates, { all: { text: 'x', value: 'x' } })).toEqual({ values: ['x'], all: false });
  });

  it('that are empty are empty', () => {
    expect(valuesOf('$empty')).toEqual(['']);
  });

  it('leave names alone that no variable has', () => {
    expect(valuesOf('costs $5, $unknown')).toEqual(['costs $5, $unknown']);
  });

  it('are refused beyond what a filter may hold', () => {
    const twenty = Array.from({ length: 20 }, (_, at) => String(at));
    const two = fakeTemplates({ a: { value: twenty }, b: { value: twenty } });
    expect(() => interpolate('$a$b', two)).toThrow('400 values together; at most 200');
  });

  it('come back as they were, for any values', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 5 }), (values) => {
        expect(interpolate('$v', fakeTemplates({ v: { value: values } })).values).toEqual(values);
      }),
    );
  });

  it('are one where only one makes sense', () => {
    expect(interpolateOne('Free text', 'x $model', templates)).toBe('x gpt-4o');
    expect(interpolateOne('Free text', '$all', templates)).toBe('');
    expect(() => interpolateOne('Free text', '$many', templates)).toThrow('Free text takes one value');
  });
});
