import { type DataFrame, DataTopic, FieldType } from '@grafana/data';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitVolumeAsGrafanaDoes } from '../testing/grafanaVolume';
import { recordedRequests, requestWith } from '../testing/requests';
import { attemptsTable } from './attempts';
import { annotationFrame, type DrawnMarker, neutralMarker } from './markers';
import { markerTable } from './markerTable';
import { seriesFrames, totalFrame } from './metrics';
import { traceFrame } from './trace';
import { volumeFrames } from './volume';

const buckets = [0, 60_000, 120_000];
const column = (frame: DataFrame | undefined, name: string) =>
  frame?.fields.find((field) => field.name === name)?.values;
const nameOf = (id: string) => id;

const LINKS = { self: { uid: 'aisix', name: 'AISIX' } };
const drawing = { refId: 'A', name: 'markers', range: { from: 0, to: 100 } };

describe('log volume', () => {
  const frames = volumeFrames(
    {
      buckets,
      series: [
        { labels: { outcome: 'success' }, values: [5, 0, 1] },
        { labels: { outcome: 'client_closed' }, values: [1, 0, 0] },
        { labels: { outcome: 'provider_error' }, values: [0, 2, null] },
        { labels: { outcome: 'budget' }, values: [0, 0, 0] },
      ],
    },
    'log-volume-A',
  );

  it('is a frame for each class of outcome that occurs', () => {
    const { levels, annotations } = splitVolumeAsGrafanaDoes([
      ...frames,
      annotationFrame(
        [neutralMarker({ id: 'm', time: 5, kind: 'model', action: 'update', count: 1 }, nameOf)],
        drawing,
      ),
    ]);
    expect(levels).toEqual({ info: [6, 0, 1], error: [0, 2, 0] });
    expect(annotations).toHaveLength(1);
  });

  it('loses no request', () => {
    const values = fc.array(fc.nat(1000), { minLength: 3, maxLength: 3 });
    const outcome = fc.constantFrom('success', 'budget', 'provider_error', 'unknown', 'something new');
    fc.assert(
      fc.property(fc.array(fc.record({ outcome, values })), (series) => {
        const { levels } = splitVolumeAsGrafanaDoes(
          volumeFrames(
            { buckets, series: series.map((each) => ({ labels: { outcome: each.outcome }, values: each.values })) },
            'A',
          ),
        );
        const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
        expect(sum(Object.values(levels).map(sum))).toBe(sum(series.map((each) => sum(each.values))));
      }),
    );
  });
});

describe('markers over a chart', () => {
  const marker: DrawnMarker = {
    time: 10,
    title: 'Model updated',
    text: 'prod',
    tags: ['model'],
    colour: 'blue',
    lane: 'Model',
  };

  it('can never be deleted in Grafana, whose own ids are not 0', () => {
    const frame = annotationFrame([marker, { ...marker, timeEnd: 30 }, { ...marker, timeEnd: 2 }], drawing);
    expect(column(frame, 'id')).toEqual([0, 0, 0]);
    expect(column(frame, 'timeEnd')).toEqual([10, 30, 10]);
    expect(column(frame, 'isRegion')).toEqual([false, true, false]);
    expect(frame.meta?.dataTopic).toBe(DataTopic.Annotations);
  });

  it('are regions only where Grafana gives a region a width to hover over', () => {
    const range = { from: 0, to: 10_000 };
    const frame = annotationFrame(
      [
        { ...marker, timeEnd: 60 },
        { ...marker, timeEnd: 200 },
      ],
      { ...drawing, range },
    );
    expect(column(frame, 'isRegion')).toEqual([false, true]);
    expect(column(frame, 'timeEnd')).toEqual([10, 200]);
  });

  it('hold no HTML, whatever somebody called a thing', () => {
    const hostile = '<img src="https://evil.example/x.png"><a href=javascript:alert(1)>x</a>\u202e';
    const frame = annotationFrame([{ ...marker, title: hostile, text: hostile }], drawing);
    for (const name of ['title', 'text']) {
      const [text] = column(frame, name) ?? [];
      expect(text).not.toMatch(/[<>"]|\u202e/);
      expect(text).toContain('&lt;img');
    }
  });

  it('say what changed and where, without names', () => {
    const drawn = neutralMarker(
      { id: 'm', time: 1, timeEnd: 9, kind: 'api_key', action: 'rotate', count: 3, environment: 'prod' },
      nameOf,
    );
    expect(drawn).toMatchObject({ title: 'Caller key rotated', text: '3 changes in prod', colour: 'purple' });
    const table = markerTable([{ id: 'm', time: 1, kind: 'api_key', action: 'rotate', count: 3 }], 'A', nameOf, LINKS);
    expect(column(table, 'changes')).toEqual([3]);
  });
});

describe('metrics', () => {
  const series = [
    { measure: 'rate', labels: { outcome: 'success' }, values: [1, 2, 3] },
    { measure: 'p95', labels: { outcome: 'success' }, values: [10, null, 30] },
    { measure: 'rate', labels: { other: 'other' }, values: [0, 0, 1] },
  ] as const;
  const answer = { buckets, series: series.map((each) => ({ ...each, values: [...each.values] })) };

  it('are a frame a series, with unit and name; what is not known stays empty', () => {
    const frames = seriesFrames(answer, ['outcome'], 'A');
    expect(frames.map(({ fields }) => fields[1]?.config)).toEqual([
      { unit: 'reqps', displayNameFromDS: 'Requests a second · success' },
      { unit: 'ms', displayNameFromDS: 'Latency p95 · success' },
      { unit: 'reqps', displayNameFromDS: 'Requests a second · other' },
    ]);
    expect(frames[1]?.fields[1]?.values).toEqual([10, null, 30]);
    expect(frames.every(({ fields }) => fields[0]?.type === FieldType.time)).toBe(true);
  });

  it('of a group without a value say so, and caller keys are told by name where there is one', () => {
    const groups: Record<string, string>[] = [{}, { apiKeyId: 'k1', apiKeyName: 'batch' }, { apiKeyId: 'k2' }];
    const series = groups.map((labels) => ({ measure: 'rate' as const, labels, values: [1, 1, 1] }));
    const names = (groupBy: readonly string[]) =>
      seriesFrames({ buckets, series }, groupBy, 'A').map(({ fields }) => fields[1]?.config.displayNameFromDS);
    expect(names(['apiKeyName', 'apiKeyId'])).toEqual(['(none)', 'batch', 'k2']);
    expect(names(['apiKeyName'])).toEqual(['(none)', 'batch', '(none)']);
    expect(names([])).toEqual(['Requests a second', 'Requests a second', 'Requests a second']);
  });

  it('are a row a group for the whole range', () => {
    const frame = totalFrame(answer, ['outcome'], 'A');
    expect(column(frame, 'outcome')).toEqual(['success', 'other']);
    expect(column(frame, 'rate')).toEqual([1, 0]);
    expect(column(frame, 'p95')).toEqual([10, null]);
  });
});

describe('one request', () => {
  it('is a trace with a root and a child for each attempt', () => {
    for (const request of recordedRequests()) {
      const frame = traceFrame(request, 'A', nameOf);
      const ids = column(frame, 'spanID') ?? [];
      expect(new Set(ids).size).toBe(request.attempts.length + 1);
      expect(column(frame, 'parentSpanID')).toEqual([null, ...request.attempts.map(() => 'request')]);
      expect(new Set(column(frame, 'traceID')).size).toBe(1);
    }
  });

  it('has its attempts in a table, with how long after the request each began', () => {
    const attempt = {
      index: 0,
      kind: 'initial',
      outcome: 'success',
      startTime: 130,
      endTime: 150,
      durationMs: 20,
      dispatched: true,
    } as const;
    const frame = attemptsTable([requestWith({ startTime: 100, attempts: [attempt] })], 'A');
    expect(column(frame, 'after')).toEqual([30]);
    expect(column(frame, 'first token')).toEqual([null]);
  });
});
