import type { DataFrame } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { requestExplanation } from '../../../server/src/api/contract/investigation.ts';
import { explanation as said, T } from '../testing/investigations';
import { explanationLines, explanationTable } from './explanationFrames';
import { CLASS_PILLS, classWords } from './verdictWords';

const valuesOf = ({ fields }: DataFrame, name: string) => fields.find((field) => field.name === name)?.values;

describe('an explanation', () => {
  it('reads from the conclusion and what changed before it down to what is not known', () => {
    const frame = explanationLines([said], 'A');
    expect(valuesOf(frame, 'finding')).toEqual([
      "gateway's key refused",
      'changed before',
      'suspect',
      'attempt',
      'configuration',
      'not known',
    ]);
    expect(valuesOf(frame, 'says')).toEqual([
      '401 provider_auth: The provider refused the key. <b>Not</b> the caller.',
      'The provider key was rotated 12 s before it.',
      'Provider key openai -prod: rotated 12 s before it · provider key · in force',
      '0 at gpt: It was reached.',
      'Model gpt: requested model · revision 7 · as saved; no data plane tells what it served',
      'The feed was silent.',
    ]);
    expect(valuesOf(frame, 'time')).toEqual([T, null, T - 12_000, null, T - 5, T - 60_000]);
  });

  it('tells attempts that prove the same in one line, and the facts of the request in one', () => {
    const [attempt] = said.attempts;
    const evidence = [
      { code: 'status', text: 'The caller saw 401.' },
      { code: 'error_class', text: 'The gateway calls it x.' },
      ...said.evidence,
    ];
    const attempts = [0, 1, 2].map((index) => ({ ...attempt, index, ...(index === 2 ? { proves: 'Other.' } : {}) }));
    const frame = explanationLines([requestExplanation.parse({ ...said, evidence, attempts })], 'A');
    expect(valuesOf(frame, 'says')).toContain('0, 1 at gpt: It was reached.');
    expect(valuesOf(frame, 'says')).toContain('2 at gpt: Other.');
    expect(valuesOf(frame, 'says')).toContain('The caller saw 401. The gateway calls it x.');
  });

  it('is one row of a table with its request, and none without one', () => {
    const table = explanationTable([said], 'A');
    expect([valuesOf(table, 'class'), valuesOf(table, 'request')]).toEqual([["gateway's key refused"], ['r-1']]);
    expect(explanationTable([], 'A').length).toBe(0);
    expect(explanationLines([], 'A').length).toBe(0);
  });

  it('has a colour and words of its own for every class, and shows one of the future as it is', () => {
    const classes = requestExplanation.shape.outcomeClass.options;
    expect(classes.length).toBeGreaterThan(8);
    for (const each of classes) expect(CLASS_PILLS[classWords(each)]).toBeTruthy();
    expect(classWords('moon_phase')).toBe('moon phase');
    const future = { ...said, outcomeClass: 'moon_phase', resources: [{ ...said.resources[0], standing: 'in_doubt' }] };
    expect(valuesOf(explanationLines([future as never], 'A'), 'finding')?.[0]).toBe('moon phase');
    expect(valuesOf(explanationTable([future as never], 'A'), 'class')).toEqual(['moon phase']);
  });
});
