import { type DataFrame, DataTopic } from '@grafana/data';
import { lastValueFrom, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { QueryFailure } from '../api/queryFailure';
import { DEFAULTS } from '../query/defaults';
import type { ObservabilityQuery } from '../query/model';
import { changeWith } from '../testing/changes';
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

const change = changeWith({ occurredAt: asked().to - 1000 });
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

  it('links its markers to what changed, for those who may look at it', async () => {
    const linksOf = (frames: DataFrame[]) =>
      frames.filter(isAnnotation).flatMap(({ fields }) => fields.filter(({ name }) => name === 'change'));
    const api = { ...withMarkers, ...withChanges };
    const [link] = linksOf(await run(query, fakeContext(fakeApi(api))));
    expect(link?.values).toEqual(['c1']);
    expect(link?.config.links?.[0]?.internal?.query).toMatchObject({
      queryType: 'changes',
      changeId: '${__value.raw}',
    });
    expect(linksOf(await run(query, fakeContext(fakeApi(api), { orgRole: 'Viewer' })))).toEqual([]);
  });

  it('has no markers, or no names, where the settings say so', async () => {
    const api = { ...withMarkers, ...withChanges };
    const hidden = fakeApi(api);
    const none = await run(
      query,
      fakeContext(hidden, { visibility: { markers: false, names: true, changeRows: false } }),
    );
    expect(none.filter(isAnnotation)).toEqual([]);
    expect(hidden.calls.map(([route]) => route)).toEqual(['volume']);
    const unnamed = fakeContext(fakeApi(api), { visibility: { markers: true, names: false, changeRows: false } });
    expect(textsOf(await run(query, unnamed))).toEqual(['Model updated', 'prod']);
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

  it('has no frame of annotations where there is no marker: Explore then shades what the list shows', async () => {
    expect((await run(query, fakeContext(fakeApi()))).filter(isAnnotation)).toEqual([]);
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
    const [table] = await run({ ...DEFAULTS.changes, shape: 'table' as const }, context);
    expect(table?.fields.map(({ name }) => name)).toContain('in force');
  });

  it('of changes are not asked for by who is known to be refused', async () => {
    const api = fakeApi(withChanges);
    const viewer = fakeContext(api, { orgRole: 'Viewer' });
    await expect(run(DEFAULTS.changes, viewer)).rejects.toThrow('Changes with names are for audit readers');
    expect((await run(DEFAULTS.changes, viewer, { annotation: true })).map(({ length }) => length)).toEqual([0]);
    expect(api.calls.map(([route]) => route)).not.toContain('changes');
  });

  it('of changes are chosen by the server: by name or by id, whichever fits', async () => {
    const api = fakeApi(withChanges);
    const templates = fakeTemplates({ who: { value: ['ada', "o'hara"] }, all: { value: '$__all' } });
    const query = { ...DEFAULTS.changes, kinds: ['$all'], actions: ['update'], actors: ['$who'] };
    const [frame] = await run(query, fakeContext(api, { templates }));
    const filtersOf = (body: unknown) => (body as { filters: unknown }).filters;
    const action = { field: 'action', op: 'in', value: ['update'] };
    expect(api.calls.filter(([route]) => route === 'changes').map(([, body]) => filtersOf(body))).toEqual([
      [action, { field: 'actorName', op: 'in', value: ['ada', "o'hara"] }],
      [action, { field: 'actorId', op: 'in', value: ['ada', "o'hara"] }],
    ]);
    expect(frame?.length).toBe(1);
  });

  it('of one id, or of the burst with that id, are picked out', async () => {
    const changes = ['a', 'b', 'c'].map((id) => changeWith({ id, ...(id === 'c' ? {} : { burstId: 'burst' }) }));
    const context = fakeContext(fakeApi({ changes: () => of({ changes, gaps: [] }) }));
    const lengthOf = async (changeId: string) => (await run({ ...DEFAULTS.changes, changeId }, context))[0]?.length;
    expect([await lengthOf('burst'), await lengthOf('c'), await lengthOf('x'), await lengthOf('')]).toEqual([
      2, 1, 0, 3,
    ]);
  });

  it('have a lane for each kind, and one frame for annotations of a dashboard', async () => {
    const kinds = ['model', 'api_key', 'model'].map((kind, at) => ({ ...marker, id: `m${at}`, kind }));
    const context = fakeContext(fakeApi({ markers: () => of({ markers: kinds, gaps: [] }) }));
    const lanes = await run(DEFAULTS.markers, context, { explore: false });
    expect(lanes.map(({ name, length }) => [name, length])).toEqual([
      ['Caller key', 1],
      ['Model', 2],
    ]);
    expect(await run(DEFAULTS.markers, context, { explore: false, annotation: true })).toHaveLength(1);
    const table = await run({ ...DEFAULTS.markers, shape: 'table' as const }, context, { explore: false });
    expect(table.map(isAnnotation)).toEqual([false]);
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

  it('without an id is the newest that failed and will not change, for every panel the same', async () => {
    const failed = requestWith({ requestId: 'failed', outcome: 'provider_error' });
    const api = fakeApi({
      search: ({ filters = [] }) => of({ requests: [filters.length > 0 ? failed : requestWith()], stats }),
    });
    const templates = fakeTemplates({ request: { value: '' } });
    const row = { ...query, requestId: '$request', shape: 'row' as const };
    const [frame] = await run(row, fakeContext(api, { templates }));
    expect(frame?.fields.find(({ name }) => name === 'request')?.values).toEqual(['failed']);
    expect(api.calls.find(([route]) => route === 'search')?.[1]).toMatchObject({ to: asked().to - 60_000, limit: 1 });
    const quiet = fakeApi({
      search: ({ filters = [] }) => of({ requests: filters.length > 0 ? [] : [requestWith()], stats }),
    });
    const [other] = await run(row, fakeContext(quiet, { templates }));
    expect(other?.length).toBe(1);
  });

  it('that is not there leaves an empty table and no trace', async () => {
    const frames = await run(query, fakeContext(fakeApi()));
    expect(frames.map(({ name, length }) => [name, length])).toEqual([['attempts', 0]]);
  });
});
