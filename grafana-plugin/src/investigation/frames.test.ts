import type { DataFrame } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { configChange } from '../../../server/src/api/contract/change.ts';
import { impactInvestigation } from '../../../server/src/api/contract/investigation.ts';
import { namedMarkers } from '../frames/namedMarkers';
import { judgedChange as change, incidents, explanation as said, T } from '../testing/investigations';
import { explanationLines, explanationTable } from './explanationFrames';
import { candidateTable, impactTable, incidentTable } from './incidentFrames';
import { colourOfVerdict, verdictOf, verdictWords } from './verdictWords';

const counts = { bad: 3, total: 412 };
const weighed = impactInvestigation.parse({
  change,
  impact: {
    changeId: 'c-1',
    verdict: 'suspect',
    reason: 'worse_than_expected',
    sentence: '3 of 412 before, 57 of 398 after.',
    settled: false,
    silent: [],
    indicators: [
      {
        kind: 'outcome',
        label: 'upstream_status 401',
        before: counts,
        after: { bad: 57, total: 398 },
        controlBefore: counts,
        controlAfter: counts,
        expected: 0.01,
        effect: 0.13,
        probabilityWorse: 0.999,
        probabilityBetter: 0,
        probabilitySame: 0,
        mechanism: 1,
        newSignature: false,
        late: 0,
        elsewhere: 0,
      },
    ],
  },
  oneIn: 1,
});

const valuesOf = ({ fields }: DataFrame, name: string) => fields.find((field) => field.name === name)?.values;

describe('an explanation', () => {
  it('reads from the conclusion down to what is not known', () => {
    const frame = explanationLines([said], 'A');
    expect(valuesOf(frame, 'part')).toEqual([
      'Conclusion',
      'Because',
      'Attempt',
      'Configuration',
      'Before it',
      'Before it',
      'Not known',
    ]);
    expect(valuesOf(frame, 'about')?.[5]).toBe('Provider key openai -prod');
    expect(valuesOf(frame, 'says')?.[0]).toBe('The provider refused the key. <b>Not</b> the caller.');
    expect(valuesOf(frame, 'says')?.[5]).toBe('rotated 12.0 s before, provider key, in force, suspect');
    expect(valuesOf(frame, 'time')).toEqual([T, null, null, T - 5, null, T - 12_000, T - 60_000]);
  });

  it('is one row of a table, and none without a request', () => {
    expect(valuesOf(explanationTable([said], 'A'), 'class')).toEqual(['provider_refused_key']);
    expect(explanationTable([], 'A').length).toBe(0);
    expect(explanationLines([], 'A').length).toBe(0);
  });
});

describe('a marker with names', () => {
  const drawn = (verdict: object | undefined, burstId?: string) =>
    configChange.parse({ ...change, verdict, ...(burstId === undefined ? {} : { burstId }) });
  const colours = (...changes: ReturnType<typeof drawn>[]) =>
    namedMarkers(changes, () => 'prod').map(({ colour }) => colour);

  it('has the colour of what was found, else of what was done', () => {
    const cleared = { human: { value: 'cleared', by: 'kim', at: T } };
    expect(colours(drawn(change.verdict))).toEqual(['orange']);
    expect(colours(drawn(cleared))).toEqual(['purple']);
    expect(colours(drawn(undefined, 'b'), drawn(change.verdict, 'b'))).toEqual(['orange']);
  });
});

describe('incidents', () => {
  it('are a table of candidates, best first, with the time of the change', () => {
    const frame = candidateTable(incidents, 'A');
    expect(valuesOf(frame, 'rank')).toEqual([1, 2]);
    expect(valuesOf(frame, 'candidate')).toEqual(['Change of provider key openai-prod', 'no change explains it']);
    expect(valuesOf(frame, 'made')).toEqual([T - 12_000, null]);
    expect(valuesOf(frame, 'id')).toEqual(['c-1', null]);
  });

  it('are a table of their own', () => {
    const frame = incidentTable(incidents, 'A');
    expect([valuesOf(frame, 'what'), valuesOf(frame, 'first candidate'), valuesOf(frame, 'end')]).toEqual([
      ['upstream_status 401'],
      ['Change of provider key openai-prod'],
      [null],
    ]);
  });
});

describe('what a change did', () => {
  it('is its verdict, and the counts behind it', () => {
    const frame = impactTable(weighed, 'A');
    expect(valuesOf(frame, 'what')).toEqual(['Provider key openai -prod rotated: suspect', 'upstream_status 401']);
    expect([valuesOf(frame, 'before'), valuesOf(frame, 'after')]).toEqual([
      [null, '3 of 412'],
      [null, '57 of 398'],
    ]);
  });

  it('a person says of it goes before what was found', () => {
    expect(verdictOf(change)).toBe('suspect');
    expect(verdictOf({ verdict: { ...change.verdict, human: { value: 'cleared' } } })).toBe('cleared');
    expect([verdictWords('no_effect'), verdictWords('a_new_one')]).toEqual(['no effect', 'a new one']);
    expect([colourOfVerdict('suspect'), colourOfVerdict('undecided'), colourOfVerdict(undefined)]).toEqual([
      'orange',
      undefined,
      undefined,
    ]);
  });
});
