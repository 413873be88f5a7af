import { type DataFrame, DataTopic, findHighlightChunksInText } from '@grafana/data';
import { lastValueFrom, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { SearchInput } from '../api/contract';
import { QueryFailure } from '../api/queryFailure';
import { DEFAULTS } from '../query/defaults';
import type { ObservabilityQuery } from '../query/model';
import { changeWith } from '../testing/changes';
import { asked, fakeApi, fakeContext } from '../testing/fakeApi';
import { fakeTemplates } from '../testing/fakeTemplates';
import { PROD } from '../testing/fields';
import { linksAsGrafanaFillsThem } from '../testing/grafanaLinks';
import { readAsGrafanaDoes } from '../testing/grafanaLogs';
import { splitVolumeAsGrafanaDoes } from '../testing/grafanaVolume';
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

const run = async (saved: Unreferenced<ObservabilityQuery>, context: RunContext, over = {}) => {
  const query = { refId: 'A', ...saved } as ObservabilityQuery;
  return framesOf(await lastValueFrom(runQuery(query, asked(over), context)), query, asked(over));
};
const isAnnotation = ({ meta }: DataFrame) => meta?.dataTopic === DataTopic.Annotations;
const textsOf = (frames: DataFrame[]) => {
  const frame = frames.find(isAnnotation);
  return ['title', 'text'].map((name) => frame?.fields.find((field) => field.name === name)?.values[0]);
};
/** As Grafana finds them: on frames that are no annotations. */
const noticesOf = (frames: DataFrame[]) =>
  frames
    .filter((frame) => !isAnnotation(frame))
    .flatMap(({ meta }) => meta?.notices ?? [])
    .map(({ text }) => text);
const unwatched = () => [{ feed: 'config_cache', from: asked().from, to: asked().to }];

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

  it('are marked where the text stands, whatever it means in a regular expression', async () => {
    const marked = async (text: string, row: string) => {
      const [frame] = await run({ ...DEFAULTS.requests, text }, fakeContext(fakeApi()));
      const searchWords: string[] = frame?.meta?.custom?.searchWords;
      return findHighlightChunksInText({ searchWords, textToHighlight: row }).map((chunk) => chunk.text);
    };
    expect(await marked('gpt-4.1', 'gpt-4x1 GPT-4.1')).toEqual(['GPT-4.1']);
    for (const text of ['c++', 'f(x', '[a', '{b', 'a]b)c', '(?i)x', '\\d', '^a|b$']) {
      expect(await marked(text, `a d x ${text} ab`)).toEqual([text]);
    }
    expect(await marked('', 'x')).toEqual([]);
  });

  it('have changes among them for audit readers, and a notice for others', async () => {
    const query = { ...DEFAULTS.requests, withChanges: true };
    const frames = await run(query, fakeContext(fakeApi(withChanges)));
    expect(frames.map(({ name }) => name)).toEqual(['requests', 'changes']);
    const viewer = fakeApi({ changes: refused });
    expect(noticesOf(await run(query, fakeContext(viewer, { orgRole: 'Viewer' })))).toEqual([
      'Changes with names are for audit readers.',
    ]);
    expect(viewer.calls.map(([route]) => route)).not.toContain('changes');
    expect(noticesOf(await run(query, fakeContext(fakeApi({ changes: refused }))))).toHaveLength(1);
  });
});

describe('notices of what is drawn over the histogram', () => {
  const unwatchedMarkers = { markers: () => of({ markers: [], gaps: unwatched() }) };

  it('are on the list below it in Explore, since the histogram shows none', async () => {
    const viewer = (api = {}) => fakeContext(fakeApi({ ...unwatchedMarkers, ...api }), { orgRole: 'Viewer' });
    const [text] = noticesOf(await run(DEFAULTS.requests, viewer()));
    expect(text).toContain('not watched all the time');
    expect(noticesOf(await run(DEFAULTS.requests, viewer(), { explore: false }))).toEqual([]);
    const broken = () => throwError(() => ({ status: 502 }));
    expect(noticesOf(await run(DEFAULTS.requests, viewer({ markers: broken })))).toEqual([
      expect.stringContaining('Change markers are missing'),
    ]);
  });

  it('are asked for once for both, and told once', async () => {
    const answer = new Subject<{ changes: []; gaps: ReturnType<typeof unwatched> }>();
    const api = fakeApi({ changes: () => answer });
    const context = fakeContext(api);
    const both = Promise.all([
      run({ ...DEFAULTS.requests, withChanges: true }, context),
      run({ ...DEFAULTS.requests, volume: true }, context),
    ]);
    answer.next({ changes: [], gaps: unwatched() });
    answer.complete();
    const [list] = await both;
    expect(noticesOf(list)).toEqual([expect.stringContaining('not watched all the time')]);
    // Rows of changes are another question than markers.
    expect(api.calls.filter(([route]) => route === 'changes')).toHaveLength(2);
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
      environment: '${__data.fields.inEnvironment}',
    });
    const viewer = await run(query, fakeContext(fakeApi(api), { orgRole: 'Viewer' }));
    expect(linksOf(viewer)).toEqual([]);
    // What a Viewer may see: the requests around it.
    const [drawn] = viewer.filter(isAnnotation);
    if (drawn === undefined) throw new Error('no markers');
    expect(linksAsGrafanaFillsThem(drawn, 'around', 0)).toEqual([
      { title: 'Requests around it', url: expect.stringMatching(/^\/d\/aisix-timeline\?.*&from=\d{13}&to=\d{13}$/) },
    ]);
    expect(JSON.stringify(drawn)).not.toMatch(/c1|gpt-4o|ada/);
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

  it('has bars of no height under markers where nobody asked anything: without bars Explore draws nothing', async () => {
    const frames = await run(query, fakeContext(fakeApi(withChanges)));
    const { levels, annotations } = splitVolumeAsGrafanaDoes(frames);
    expect(levels.info?.every((value) => value === 0)).toBe(true);
    expect(annotations).toHaveLength(1);
    expect(await run(query, fakeContext(fakeApi()))).toEqual([]);
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

  it('of some kinds are looked for beyond the newest, and bursts of several kinds are among them', async () => {
    const pages = ['policy', 'model', 'several', 'policy'].map((kind, at) => ({ ...marker, id: `m${at}`, kind }));
    const api = fakeApi({
      markers: ({ cursor = '0' }) => {
        const at = Number(cursor);
        return of({ markers: pages.slice(at, at + 1), gaps: [], ...(at < 3 ? { nextCursor: String(at + 1) } : {}) });
      },
    });
    const kinds = ['model'];
    const kindsOf = async (limit: number) => {
      const frames = await run({ ...DEFAULTS.markers, kinds, limit, shape: 'table' as const }, fakeContext(api));
      return [frames[0]?.fields.find(({ name }) => name === 'kind')?.values, noticesOf(frames).length];
    };
    expect(await kindsOf(10)).toEqual([['Model', 'Several kinds'], 0]);
    expect(await kindsOf(1)).toEqual([['Model'], 1]);
    const frames = await run({ ...DEFAULTS.markers, kinds }, fakeContext(api), { explore: false });
    expect(frames.map(({ name }) => name)).toEqual(['Model', 'Several kinds']);
  });

  it('of a kind that hardly occurs are looked for so long, and no longer', async () => {
    const endless = fakeApi({ markers: () => of({ markers: [marker], gaps: unwatched(), nextCursor: 'more' }) });
    const frames = await run({ ...DEFAULTS.markers, kinds: ['policy'] }, fakeContext(endless));
    expect(endless.calls.filter(([route]) => route === 'markers')).toHaveLength(5);
    expect(noticesOf(frames)).toEqual([
      expect.stringContaining('the range has more'),
      expect.stringContaining('not watched all the time'),
    ]);
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

  it('of one id are asked for by it, however many are newer', async () => {
    const old = changeWith({ id: 'old', occurredAt: 1 });
    const api = fakeApi({ ...withChanges, change: () => of(old) });
    const [rows] = await run({ ...DEFAULTS.changes, changeId: 'old' }, fakeContext(api));
    expect(rows?.fields.find(({ name }) => name === 'id')?.values).toEqual(['change/old']);
    expect(rows?.meta?.executedQueryString).toBe('POST /changes/get\n{\n  "id": "old"\n}');
    expect(api.calls.map(([route]) => route)).not.toContain('changes');
    await run({ ...DEFAULTS.changes, changeId: 'old', kinds: ['model'] }, fakeContext(api));
    expect(api.calls.map(([route]) => route)).toContain('changes');
  });

  it('of one id that is none tell nobody that changes are refused; a refusal does', async () => {
    const context = fakeContext(fakeApi(withChanges));
    await run({ ...DEFAULTS.changes, changeId: 'nowhere' }, context);
    expect(context.audit.mayBe()).toBe(true);
    const demoted = fakeContext(fakeApi({ ...withChanges, change: refused }));
    await expect(run({ ...DEFAULTS.changes, changeId: 'c1' }, demoted)).rejects.toThrow('no');
    expect(demoted.audit.mayBe()).toBe(false);
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

  it('say where nobody watched, also where all frames are drawn over those of another query', async () => {
    const context = fakeContext(fakeApi({ markers: () => of({ markers: [marker], gaps: unwatched() }) }));
    const told = [expect.stringContaining('not watched all the time')];
    expect(noticesOf(await run(DEFAULTS.markers, context))).toEqual(told);
    const panel = await run(DEFAULTS.markers, context, { explore: false });
    expect(noticesOf(panel)).toEqual(told);
    expect(panel.map(({ refId, length }) => [refId, length])).toEqual([
      ['A', 1],
      ['A', 0],
    ]);
    expect(noticesOf(await run({ ...DEFAULTS.metrics, withMarkers: true }, context))).toEqual(told);
    // Annotations of a dashboard are made of the first frame.
    expect(await run(DEFAULTS.markers, context, { explore: false, annotation: true })).toHaveLength(1);
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

  it('is looked for in all environments that are chosen, and in no other', async () => {
    const templates = fakeTemplates({ env: { value: ['prod', 'staging'] } });
    const both = { field: 'environment', op: 'in', value: ['prod', 'staging'] };
    const filtersOf = async (requestId: string) => {
      const api = fakeApi();
      await run({ ...query, requestId, environment: '$env' }, fakeContext(api, { templates }));
      const searches = api.calls.filter(([route]) => route === 'search').map(([, body]) => body as SearchInput);
      for (const { environment } of searches) expect(environment).toBeUndefined();
      return searches.map(({ filters = [] }) => filters);
    };
    expect(await filtersOf('req-1')).toEqual([[both, { field: 'requestId', op: 'eq', value: 'req-1' }]]);
    const [failed, newest] = await filtersOf('');
    expect(failed).toContainEqual(both);
    expect(newest).toEqual([both]);
  });

  it('that is not there leaves an empty table and no trace', async () => {
    const frames = await run(query, fakeContext(fakeApi()));
    expect(frames.map(({ name, length }) => [name, length])).toEqual([['attempts', 0]]);
  });
});
