import type { DataFrame } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { configChange } from '../../../server/src/api/contract/change.ts';
import { changeLinks, incidentLinks } from '../frames/links';
import { namedMarkers } from '../frames/namedMarkers';
import { linksAsGrafanaFillsThem } from '../testing/grafanaLinks';
import { judgedChange as change, incidents, T } from '../testing/investigations';
import { ageWords, partsText, reasonOf, troubleWords } from './candidateWords';
import { candidateTable, type FoundIncident, incidentTable } from './incidentFrames';
import { incidentLines } from './incidentLines';
import { nothingFrame } from './lines';

const valuesOf = ({ fields }: DataFrame, name: string) => fields.find((field) => field.name === name)?.values;
const self = { uid: 'aisix', name: 'AISIX' };
const options = { refId: 'A', links: changeLinks({ self }), incidentLinks: incidentLinks({ self }) };

const found: readonly FoundIncident[] = incidents.incidents.map((incident) => ({
  incident,
  changes: incidents.changes,
  environment: 'prod',
}));
const [first] = found;
if (first === undefined) throw new Error('no incident');
const [suspect] = first.incident.candidates;
if (suspect === undefined) throw new Error('no candidate');

describe('incidents', () => {
  it('are a table of what went wrong and what most likely caused it, with links that hold', () => {
    const frame = incidentTable(found, options);
    expect(
      ['began', 'lasted', 'what went wrong', 'requests', 'most likely', 'verdict'].map((name) => valuesOf(frame, name)),
    ).toEqual([
      [T],
      ['still going on'],
      ['upstream_status 401'],
      ['57 of 398'],
      ['Provider key openai -prod rotated, as it began'],
      ['suspect'],
    ]);
    expect(linksAsGrafanaFillsThem(frame, 'change', 0)[0]?.query).toMatchObject({
      queryType: 'investigation',
      about: 'change',
      changeId: 'c-1',
      environment: 'prod',
    });
    expect(linksAsGrafanaFillsThem(frame, 'candidates', 0)[0]?.query).toMatchObject({
      about: 'incident',
      start: `${T}`,
    });
  });

  it('are a table of candidates, the best first, bystanders last and without a rank', () => {
    const bystander = { ...suspect, id: 'c-2', name: 'model gpt', bystander: true };
    const candidates = [bystander, ...first.incident.candidates];
    const frame = candidateTable([{ ...first, incident: { ...first.incident, candidates } }], options);
    expect(valuesOf(frame, 'rank')).toEqual([1, 2, null]);
    expect(valuesOf(frame, 'candidate')).toEqual([
      'Provider key openai -prod rotated',
      'No change explains it',
      // One that did not come along.
      'Change of model gpt',
    ]);
    expect(valuesOf(frame, 'verdict')).toEqual(['suspect', null, null]);
    expect(valuesOf(frame, 'change')).toEqual(['c-1', null, 'c-2']);
    expect(valuesOf(frame, 'why')?.[2]).toMatch(/^Bystander: /);
    expect(valuesOf(frame, 'score')).toEqual([
      'nothing speaks against it',
      'extent −4.0, prior −1.0',
      'nothing speaks against it',
    ]);
  });

  it('are none where somebody named a time at which nothing began', () => {
    const usual = { ...first, incident: { ...first.incident, symptoms: [], bad: 0, total: 0 } };
    const frame = incidentLines([usual], 'A');
    expect(valuesOf(frame, 'finding')).toEqual(['no incident', 'possible', 'possible']);
    expect(valuesOf(frame, 'says')?.[0]).toBe('At this time there was nothing out of the ordinary.');
    // Beside incidents it is the list of the other changes, and no word on the time.
    expect(valuesOf(incidentLines([first, usual], 'A'), 'finding')).toContain('other changes');
    expect(valuesOf(incidentLines([first, usual], 'A'), 'finding')).not.toContain('no incident');
  });

  it('have as many bystanders as there is room for', () => {
    const bystanders = Array.from({ length: 8 }, (_, at) => ({ ...suspect, id: `b-${at}`, bystander: true }));
    const crowded = { ...first, incident: { ...first.incident, candidates: [suspect, ...bystanders] } };
    expect(candidateTable([crowded], options).length).toBe(9);
    expect(valuesOf(candidateTable([crowded], { ...options, bystanders: 3 }), 'rank')).toEqual([1, null, null, null]);
    expect(valuesOf(incidentLines([crowded], 'A'), 'says')?.at(-1)).toMatch(/^8 near in time: .*; 3 more$/);
  });

  it('are read line by line', () => {
    const frame = incidentLines(found, 'A');
    expect(valuesOf(frame, 'finding')).toEqual(['incident', 'most likely', 'possible']);
    expect(valuesOf(frame, 'says')?.[1]).toBe(
      'Provider key openai -prod rotated: 97 % of the evidence, made as it began, suspect. All of it began with this change.',
    );
    expect(valuesOf(nothingFrame('no data', 'Nothing.', 'A'), 'says')).toEqual(['Nothing.']);
  });

  it('whose candidates are of a kind of the future are told by their names', () => {
    const candidates = [{ ...suspect, kind: 'solar_flare', name: 'the sun' }];
    const future = { ...first, incident: { ...first.incident, candidates } } as unknown as FoundIncident;
    expect(valuesOf(candidateTable([future], options), 'candidate')).toEqual(['Change of the sun']);
    expect(valuesOf(incidentTable([future], options), 'change')).toEqual([null]);
    const without = (kind: string) => ({
      ...first,
      incident: { ...first.incident, candidates: [{ ...suspect, kind }] } as unknown as FoundIncident['incident'],
    });
    const kinds = ['provider', 'caller', 'no_change', 'solar_flare'].map(without);
    expect(valuesOf(incidentTable(kinds, options), 'verdict')).toEqual(['provider', 'caller', 'no change', null]);
    const none = { ...first, incident: { ...first.incident, candidates: [] } };
    expect(valuesOf(incidentTable([none], options), 'most likely')).toEqual([null]);
  });
});

describe('the words of a candidate', () => {
  it('say when it was beside the start, and why without what stands in other columns', () => {
    const at = (age: number) => ageWords({ occurredAt: T - age }, { start: T });
    expect([at(10_000), at(-15_000), at(125_000), at(-75_000), at(-3_600_000)]).toEqual([
      'as it began',
      'as it began',
      '2 min before',
      '1 min 15 s after',
      '1 h after',
    ]);
    const why = (sentence: string) => reasonOf({ ...suspect, name: 'provider key a: b', sentence });
    expect(why('Provider key a: b: it fits in time.')).toBe('It fits in time.');
    expect(why('Provider key a: b, in force 2026-11-26T04:58:04.382Z: it fits in time.')).toBe('It fits in time.');
    expect(why('None of the changes: its failures would look different.')).toBe(
      'None of the changes: its failures would look different.',
    );
    expect(reasonOf({ ...suspect, sentence: 'Another form.', bystander: true })).toBe('Bystander: Another form.');
    expect(partsText({ ...suspect.parts, echo: 2, lag: -0.01 })).toBe('quoted +2.0');
  });

  it('tell a failure once, and count models and troubles beyond a few', () => {
    const [symptom] = first.incident.symptoms;
    if (symptom === undefined) throw new Error('no symptom');
    const of = (...symptoms: object[]) => troubleWords({ symptoms: symptoms.map((each) => ({ ...symptom, ...each })) });
    const status = { errorClass: 'upstream_status', status: 401 };
    expect(of(status, { ...status, kind: 'attempt', label: 'attempts with upstream_status 401' })).toBe(
      'upstream_status 401',
    );
    expect(of({ ...status, kind: 'attempt', label: 'attempts with it' })).toBe('attempts with it');
    expect(of({ models: ['a', 'b', 'c', 'd'] })).toBe('upstream_status 401 on 4 models');
    expect(of({}, {}, {}, {}, {})).toMatch(/; 2 more$/);
  });
});

describe('a marker with names', () => {
  const drawn = (verdict: object | undefined, burstId?: string) =>
    configChange.parse({ ...change, verdict, ...(burstId === undefined ? {} : { burstId }) });
  const marked = (...changes: ReturnType<typeof drawn>[]) => namedMarkers(changes, () => 'prod');

  it('has the colour of what was found, else of what was done, and says it', () => {
    const cleared = { human: { value: 'cleared', by: 'kim', at: T } };
    expect(marked(drawn(change.verdict))).toMatchObject([{ colour: 'orange', text: 'found: suspect · prod' }]);
    expect(marked(drawn(cleared))).toMatchObject([{ colour: 'purple', text: 'prod' }]);
    expect(marked(drawn(undefined, 'b'), drawn(change.verdict, 'b')).map(({ colour }) => colour)).toEqual(['orange']);
  });
});
