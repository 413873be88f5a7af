import { type DataFrame, DataTopic } from '@grafana/data';
import { lastValueFrom, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { ConfigChange } from '../api/changes';
import { QueryFailure } from '../api/queryFailure';
import { DEFAULTS } from '../query/defaults';
import type { ObservabilityQuery } from '../query/model';
import { asked, fakeApi, fakeContext } from '../testing/fakeApi';
import { fakeTemplates } from '../testing/fakeTemplates';
import { PROD } from '../testing/fields';
import { readAsGrafanaDoes } from '../testing/grafanaLogs';
import { recordedRequests, requestWith } from '../testing/requests';
import { framesOf, type RunContext } from './context';
import { runQuery } from './runQuery';

const DAY = 86_400_000;
const stats = { elapsedMs: 1, rows: 1 };
const refused = () => throwError(() => new QueryFailure('no', { status: 403, code: 'audit_reader_required' }));

const change: ConfigChange = {
  id: 'c1',
  occurredAt: asked().to - 1000,
  action: 'update',
  actor: { type: 'user', name: 'ada' },
  resource: { kind: 'model', name: 'gpt-4o' },
  environment: PROD,
  paths: [],
  result: 'success',
  trust: 'signed',
  state: 'applied',
};
const marker = { id: 'm1', time: asked().to - 1000, kind: 'model', action: 'update', count: 1, environment: PROD };
const withMarkers = { markers: () => of({ markers: [marker], gaps: [] }) };
const withChanges = { changes: () => of({ changes: [change], gaps: [] }) };

type Unreferenced<Query> = Query extends ObservabilityQuery ? Omit<Query, 'refId'> : never;

const run = async (query: Unreferenced<ObservabilityQuery>, context: RunContext, over = {}) =>
  framesOf(await lastValueFrom(runQuery({ refId: 'A', ...query } as ObservabilityQuery, asked(over), context)));
const isAnnotation = ({ meta }: DataFrame) => meta?.dataTopic === DataTopic.Annotations;
const textsOf = (frames: DataFrame[]) => {
  const frame = frames.find(isAnnotation);
  return ['title', 'text'].map((name) => frame?.fields.find((field) => field.name === name)?.values[0]);
};
const noticesOf = (frames: DataFrame[]) => frames.flatMap(({ meta }) => meta?.notices ?? []).map(({ text }) => text);

describe('requests', () => {
  it('are rows with names of environments, and the query as it was sent', async () => {
    const api = fakeApi({ search: () => of({ requests: [...recordedRequests()], stats }) });
    const [frame] = await run(DEFAULTS.requests, fakeContext(api));
    if (frame === undefined) throw new Error('no frame');
    const { rows } = readAsGrafanaDoes(frame);
    expect(rows).toHaveLength(recordedRequests().length);
    expect(rows[0]?.labels).toMatchObject({ environment: 'prod' });
    expect(frame.meta?.executedQueryString).toContain('POST /requests/search\n{');
  });

  it('say that there are more, and that a range is too long', async () => {
    const api = fakeApi({ search: () => of({ requests: [requestWith()], nextCursor: 'x', stats }) });
    const frames = await run(DEFAULTS.requests, fakeContext(api), { from: asked().to - 365 * DAY });
    expect(api.calls[0]?.[1]).toMatchObject({ from: asked().to - 92 * DAY });
    expect(noticesOf(frames)).toEqual([
      expect.stringContaining('at most 92 days'),
      expect.stringContaining('newest 1 requests'),
    ]);
  });

  it('have changes among them for audit readers, and a notice for others', async () => {
    const query = { ...DEFAULTS.requests, withChanges: true };
    const frames = await run(query, fakeContext(fakeApi(withChanges)));
    expect(frames.map(({ name }) => name)).toEqual(['requests', 'changes']);
    const viewer = fakeApi({ changes: refused });
    expect(noticesOf(await run(query, fakeContext(viewer, { orgRole: 'Viewer' })))).toEqual([
      'Rows of changes are for audit readers.',
    ]);
    expect(viewer.calls.map(([route]) => route)).not.toContain('changes');
    expect(noticesOf(await run(query, fakeContext(fakeApi({ changes: refused }))))).toHaveLength(1);
  });
});

describe('the histogram', () => {
  const query = { ...DEFAULTS.requests, volume: true };

  it('has changes over it: with names for audit readers, neutral for everybody else', async () => {
    const api = { ...withMarkers, ...withChanges };
    expect(textsOf(await run(query, fakeContext(fakeApi(api))))).toEqual(['Model gpt-4o updated', 'by ada · prod']);
    const neutral = ['Model updated', 'prod'];
    expect(textsOf(await run(query, fakeContext(fakeApi(api), { orgRole: 'Viewer' })))).toEqual(neutral);
    const demoted = fakeContext(fakeApi({ ...withMarkers, changes: refused }));
    expect(textsOf(await run(query, demoted))).toEqual(neutral);
    expect(demoted.audit.mayBe()).toBe(false);
  });

  it('is drawn without markers when those fail, and says so', async () => {
    const volume = () =>
      of({
        buckets: [0],
        series: [{ labels: { outcome: 'success' }, values: [1] }],
        stats: { ...stats, source: 'rollup' as const },
      });
    const broken = () => throwError(() => ({ status: 502 }));
    const frames = await run(query, fakeContext(fakeApi({ volume, markers: broken, changes: broken })));
    expect(frames.filter(isAnnotation)).toEqual([]);
    expect(noticesOf(frames)).toEqual([expect.stringContaining('Change markers are missing. Grafana cannot reach')]);
  });

  it('asks for every outcome in buckets of the width that Explore chose', async () => {
    const api = fakeApi();
    await run(query, fakeContext(api), { intervalMs: 1000, from: asked().to - DAY });
    expect(api.calls.find(([route]) => route === 'volume')?.[1]).toMatchObject({
      intervalMs: Math.ceil(DAY / 10_999),
      topN: 20,
    });
  });
});

describe('metrics', () => {
  it('never have names over them', async () => {
    const query = { ...DEFAULTS.metrics, withMarkers: true };
    expect(textsOf(await run(query, fakeContext(fakeApi({ ...withMarkers, ...withChanges }))))).toEqual([
      'Model updated',
      'prod',
    ]);
  });

  it('as totals ask for one bucket', async () => {
    const api = fakeApi();
    const frames = await run({ ...DEFAULTS.metrics, shape: 'total' as const }, fakeContext(api));
    expect(api.calls.find(([route]) => route === 'metrics')?.[1]).not.toHaveProperty('intervalMs');
    expect(frames).toHaveLength(1);
  });
});

describe('markers and changes', () => {
  it('are a table in Explore too, which shows nothing for annotations alone', async () => {
    const context = fakeContext(fakeApi(withMarkers));
    expect((await run(DEFAULTS.markers, context)).map(isAnnotation)).toEqual([false, true]);
    expect((await run(DEFAULTS.markers, context, { explore: false })).map(isAnnotation)).toEqual([true]);
  });

  it('are asked for once for each environment, and counted once', async () => {
    const api = fakeApi(withMarkers);
    const templates = fakeTemplates({ env: { value: ['prod', 'staging'] } });
    const frames = await run({ ...DEFAULTS.markers, environment: '$env' }, fakeContext(api, { templates }));
    expect(api.calls.filter(([route]) => route === 'markers')).toHaveLength(2);
    expect(frames[0]?.length).toBe(1);
  });

  it('of changes are rows, and annotations for a dashboard', async () => {
    const context = fakeContext(fakeApi(withChanges));
    const [rows] = await run(DEFAULTS.changes, context);
    expect(rows?.fields.find(({ name }) => name === 'body')?.values).toEqual(['⚙ Model gpt-4o updated by ada']);
    expect((await run(DEFAULTS.changes, context, { annotation: true })).map(isAnnotation)).toEqual([true]);
    const none = await run({ ...DEFAULTS.changes, actors: ['bob'] }, context);
    expect(none[0]?.length).toBe(0);
  });

  it('say where nobody watched', async () => {
    const markers = () => of({ markers: [], gaps: [{ feed: 'config_cache', from: asked().from, to: asked().to }] });
    expect(noticesOf(await run(DEFAULTS.markers, fakeContext(fakeApi({ markers }))))).toEqual([
      expect.stringContaining('not watched all the time'),
    ]);
  });
});

describe('one request', () => {
  const query = { ...DEFAULTS.trace, requestId: 'req-1' };

  it('is found by its id where the environment is known, else within the range', async () => {
    const api = fakeApi({
      get: () => of({ requests: [requestWith()], stats }),
      search: () => of({ requests: [requestWith()], stats }),
    });
    const frames = await run({ ...query, environment: 'prod' }, fakeContext(api));
    expect(frames.map(({ name }) => name)).toEqual(['trace', 'attempts']);
    await run(query, fakeContext(api));
    expect(api.calls.map(([route]) => route).filter((route) => route !== 'fields')).toEqual(['get', 'search']);
  });

  it('that is not there leaves an empty table and no trace', async () => {
    const frames = await run(query, fakeContext(fakeApi()));
    expect(frames.map(({ name, length }) => [name, length])).toEqual([['attempts', 0]]);
  });
});
