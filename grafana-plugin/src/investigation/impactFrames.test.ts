import { createTheme, type DataFrame, FieldType, getDisplayProcessor } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { impact } from '../../../server/src/api/contract/investigation.ts';
import { judgedChange, T, weighed } from '../testing/investigations';
import { impactLines, impactTable } from './impactFrames';
import { colourOfVerdict, VERDICT_PILLS, verdictOf, verdictWords } from './verdictWords';

const VERDICTS = impact.shape.verdict.options;
const REASONS = impact.shape.reason.options;

const fieldOf = ({ fields }: DataFrame, name: string) => fields.find((field) => field.name === name);
const valuesOf = (frame: DataFrame, name: string) => fieldOf(frame, name)?.values;

describe('what a change did', () => {
  it('is its verdict with the sentence, what was changed, what moved, and the next look', () => {
    const frame = impactLines(weighed(), 'A');
    expect(valuesOf(frame, 'finding')).toEqual(['suspect', 'changed', 'compared', 'moved', 'looked at']);
    expect(valuesOf(frame, 'says')?.[0]).toBe('Provider key openai -prod rotated: 3 of 412 before, 57 of 398 after.');
    expect(valuesOf(frame, 'says')?.[2]).toBe(
      '412 and 398 requests: 20 min before with 1 min after it, compared with resources beside it.',
    );
    expect(valuesOf(frame, 'says')?.[3]).toBe(
      'upstream_status 401: 3 of 412 before, 57 of 398 after; beside it 0.7 % → 0.7 %; worse, more than 99.9 % sure; never seen before.',
    );
    expect(valuesOf(frame, 'says')?.[4]).toMatch(/^Decided at the look \+1m; looked at again at /);
    expect(valuesOf(frame, 'time')?.at(-1)).toBe(T + 60_000);
  });

  it('says what a person set first', () => {
    const human = { value: 'cleared', by: 'kim', at: T };
    const { change, ...rest } = weighed();
    const said = { ...rest, change: { ...change, verdict: { ...change.verdict, human } } };
    expect(valuesOf(impactLines(said as never, 'A'), 'finding')?.slice(0, 2)).toEqual(['cleared', 'suspect']);
    expect(verdictOf(judgedChange)).toBe('suspect');
    expect(verdictOf(said.change)).toBe('cleared');
  });

  it('is told for every verdict and reason that there is, before any look too', () => {
    for (const verdict of VERDICTS) {
      for (const reason of REASONS) {
        const bare = { verdict, reason, indicators: [], groups: undefined, look: undefined, nextLookAt: undefined };
        const frame = impactLines(weighed(bare), 'A');
        expect(valuesOf(frame, 'finding')).toEqual([verdictWords(verdict), 'changed', 'looked at']);
        expect(valuesOf(frame, 'says')?.at(-1)).toBe('Not looked at yet.');
      }
    }
  });

  it('shows a verdict of the future as text in a grey box', () => {
    const future = weighed();
    const frame = impactLines({ ...future, impact: { ...future.impact, verdict: 'haunted_house' } } as never, 'A');
    const field = fieldOf(frame, 'finding');
    if (field === undefined) throw new Error('no findings');
    const display = getDisplayProcessor({ field: { ...field, type: FieldType.string }, theme: createTheme() });
    expect([display('haunted house').text, display('suspect').text]).toEqual(['haunted house', 'suspect']);
    expect(display('suspect').color).not.toBe(display('haunted house').color);
  });

  it('is a table of indicators, and an empty one where nothing moved', () => {
    const table = impactTable(weighed(), 'A');
    expect([valuesOf(table, 'what'), valuesOf(table, 'before'), valuesOf(table, 'after')]).toEqual([
      ['upstream_status 401'],
      ['3 of 412'],
      ['57 of 398'],
    ]);
    expect(impactTable(weighed({ indicators: [] }), 'A').length).toBe(0);
  });
});

describe('a verdict', () => {
  it('has words without a comma, at which pills end, and a colour', () => {
    for (const verdict of [...VERDICTS, 'confirmed']) {
      expect(verdictWords(verdict)).not.toMatch(/[,_]/);
      expect(VERDICT_PILLS[verdictWords(verdict)]).toBeTruthy();
    }
    expect([verdictWords('no_effect'), verdictWords('a_new,_one')]).toEqual(['no effect', 'a new  one']);
    expect([colourOfVerdict('suspect'), colourOfVerdict('undecided'), colourOfVerdict(undefined)]).toEqual([
      'orange',
      undefined,
      undefined,
    ]);
  });
});
