import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filterSchema } from '../../../server/src/api/contract/bodies.ts';
import { fakeTemplates } from '../testing/fakeTemplates';
import { fromAdHoc } from './adHocFilter';
import { conditionsOf, environmentsOf } from './conditions';
import { DEFAULTS } from './defaults';
import { OPERATORS } from './migrate';
import type { QueryFilter } from './model';

const templates = fakeTemplates({
  env: { value: ['prod', 'staging'] },
  one: { value: 'prod' },
  all: { value: ['$__all'], options: ['a', 'b'] },
  models: { value: ['gpt-4o', 'a.b|c'] },
  empty: { value: '' },
});
const ask = (query: { filters?: QueryFilter[]; text?: string; environment?: string }, options = {}) =>
  conditionsOf({ refId: 'A', ...DEFAULTS.requests, ...query }, { templates, ...options });
const filtersOf = (...filters: QueryFilter[]) => ask({ filters }).filters;

describe('conditions', () => {
  it('of one environment name it, of several are a filter, of All neither', () => {
    expect(ask({ environment: '$one' })).toEqual({ environment: 'prod', filters: [] });
    expect(ask({ environment: '$env' })).toEqual({
      filters: [{ field: 'environment', op: 'in', value: ['prod', 'staging'] }],
    });
    expect(ask({ environment: '$all' })).toEqual({ filters: [] });
  });

  it('take the environment of the settings when the query names none', () => {
    expect(ask({}, { environment: 'prod' })).toEqual({ environment: 'prod', filters: [] });
    expect(ask({ environment: 'staging' }, { environment: 'prod' })).toEqual({ environment: 'staging', filters: [] });
  });

  it('of variables with several values become lists and alternatives', () => {
    const values = ['$models'];
    expect(filtersOf({ field: 'servedModel', op: 'eq', values })).toEqual([
      { field: 'servedModel', op: 'in', value: ['gpt-4o', 'a.b|c'] },
    ]);
    expect(filtersOf({ field: 'servedModel', op: 'neq', values })).toEqual([
      { field: 'servedModel', op: 'nin', value: ['gpt-4o', 'a.b|c'] },
    ]);
    expect(filtersOf({ field: 'servedModel', op: 'contains', values })).toEqual([
      { field: 'servedModel', op: 'regex', value: '(?i)(?:gpt-4o)|(?:a\\.b\\|c)' },
    ]);
    expect(() => filtersOf({ field: 'status', op: 'gte', values })).toThrow('status takes one value');
  });

  it('without a value limit nothing', () => {
    for (const values of [[], [''], ['$empty'], ['$all'], ['x', '$all']]) {
      expect(filtersOf({ field: 'servedModel', op: 'in', values })).toEqual([]);
    }
  });

  it('of the dashboard are added to those of the panel', () => {
    const adHoc = [
      { key: 'outcome', operator: '=|', value: 'budget', values: ['budget', 'rate_limited'] },
      { key: 'servedModel', operator: '!=', value: 'gpt-4o' },
    ];
    expect(ask({ filters: [{ field: 'status', op: 'eq', values: ['502'] }] }, { adHoc }).filters).toEqual([
      { field: 'status', op: 'eq', value: '502' },
      { field: 'outcome', op: 'in', value: ['budget', 'rate_limited'] },
      { field: 'servedModel', op: 'neq', value: 'gpt-4o' },
    ]);
  });

  it('of the dashboard that the server does not have are refused in words', () => {
    expect(() => fromAdHoc({ key: 'servedModel', operator: '!~', value: 'x' })).toThrow('servedModel uses !~');
  });

  it('are texts that are cut to what the server looks for', () => {
    expect(ask({ text: ' upstream ' }).text).toBe('upstream');
    expect(ask({ text: 'x'.repeat(300) }).text).toHaveLength(256);
  });

  it('too many of them are refused', () => {
    const filters = Array.from({ length: 33 }, () => ({ field: 'status', op: 'eq', values: ['1'] }) as const);
    expect(() => ask({ filters })).toThrow('33 filters');
    const env = fakeTemplates({ env: { value: Array.from({ length: 17 }, (_, at) => `env-${at}`) } });
    expect(() => environmentsOf('$env', { templates: env })).toThrow('17 environments');
  });

  it('are always what the schema of the server takes', () => {
    const value = fc.string({ unit: 'grapheme', maxLength: 40 });
    fc.assert(
      fc.property(fc.constantFrom(...OPERATORS), fc.array(value, { maxLength: 8 }), (op, values) => {
        const chosen = op === 'in' || op === 'nin' ? values : values.slice(0, 1);
        for (const filter of filtersOf({ field: 'servedModel', op, values: chosen })) {
          expect(filterSchema.safeParse(filter).success).toBe(true);
        }
      }),
    );
  });
});
