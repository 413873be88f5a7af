import { defer, forkJoin, lastValueFrom, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { QueryFailure } from '../api/queryFailure';
import { DEFAULTS } from '../query/defaults';
import type { InvestigationQuery } from '../query/model';
import { asked, fakeApi, fakeContext } from '../testing/fakeApi';
import { fakeTemplates } from '../testing/fakeTemplates';
import { explanation, incidents } from '../testing/investigations';
import { requestWith } from '../testing/requests';
import { runQuery } from './runQuery';

const HOUR = 3_600_000;
const investigation = (given: Partial<InvestigationQuery>): InvestigationQuery => ({
  ...DEFAULTS.investigation,
  refId: 'A',
  ...given,
});

const bodiesOf = ({ calls }: ReturnType<typeof fakeApi>, wanted: string) =>
  calls.filter(([route]) => route === wanted).map(([, body]) => body);
const explains = { explain: () => of({ explanations: [explanation] }) };
const run = (given: Partial<InvestigationQuery>, context: ReturnType<typeof fakeContext>, over = {}) =>
  lastValueFrom(runQuery(investigation(given), asked(over), context));
const saysOf = ({ frames }: Awaited<ReturnType<typeof run>>) =>
  frames[0]?.fields.find(({ name }) => name === 'says')?.values;

describe('an investigation of a request', () => {
  it('asks for its explanation, in the environment that is named', async () => {
    const api = fakeApi(explains);
    const context = fakeContext(api, { templates: fakeTemplates({ id: { value: 'r-1' } }) });
    const { frames, executed } = await run({ about: 'request', requestId: '$id', environment: 'prod' }, context);
    expect(bodiesOf(api, 'explain')).toEqual([{ requestId: 'r-1', environment: 'prod' }]);
    expect(frames.map(({ name }) => name)).toEqual(['investigation']);
    expect(executed).toContain('POST /investigations/request');
  });

  it('asks in each of several environments, of which one knows it', async () => {
    const unknown = throwError(() => new QueryFailure('none', { status: 404, code: 'request_unknown' }));
    const api = fakeApi({
      explain: ({ environment }) => (environment === 'prod' ? of({ explanations: [explanation] }) : unknown),
    });
    const context = fakeContext(api, { templates: fakeTemplates({ env: { value: ['prod', 'staging'] } }) });
    const { frames } = await run({ about: 'request', requestId: 'r-1', environment: '$env' }, context);
    expect(bodiesOf(api, 'explain')).toHaveLength(2);
    expect(frames[0]?.length).toBeGreaterThan(3);
    const nowhere = fakeContext(fakeApi({ explain: () => unknown }), { templates: context.templates });
    await expect(run({ about: 'request', requestId: 'r-1', environment: '$env' }, nowhere)).rejects.toThrow(
      'There is no request of that id',
    );
  });

  it('is of the newest that failed where none is named, and says so', async () => {
    const newest = requestWith({ requestId: 'newest', environment: 'e-1', outcome: 'provider_error' });
    const api = fakeApi({ ...explains, search: () => of({ requests: [newest], stats: { elapsedMs: 1, rows: 1 } }) });
    const context = fakeContext(api, { templates: fakeTemplates({ request: { value: '' } }) });
    const { notices = [] } = await run({ about: 'request', requestId: '$request' }, context);
    expect(bodiesOf(api, 'explain')).toEqual([{ requestId: 'newest', environment: 'e-1' }]);
    expect(notices.map(({ text }) => text)).toEqual([expect.stringContaining('No request is named')]);
    const none = await run({ about: 'request' }, fakeContext(fakeApi()));
    expect(saysOf(none)).toEqual([expect.stringContaining('no request in the range')]);
  });
});

describe('an investigation of a change', () => {
  it('asks what it did, in the environment that is named', () => {
    const api = fakeApi({ impact: () => of() });
    runQuery(investigation({ about: 'change', changeId: 'c-1' }), asked(), fakeContext(api)).subscribe();
    runQuery(
      investigation({ about: 'change', changeId: 'c-1', environment: 'prod' }),
      asked(),
      fakeContext(api),
    ).subscribe();
    expect(bodiesOf(api, 'impact')).toEqual([{ id: 'c-1' }, { id: 'c-1', environment: 'prod' }]);
  });

  it('says that none is named, where a variable is empty', async () => {
    const context = fakeContext(fakeApi(), { templates: fakeTemplates({ change: { value: '' } }) });
    await expect(run({ about: 'change', changeId: '$change' }, context)).rejects.toThrow('No change is named');
  });
});

describe('an investigation of incidents', () => {
  it('looks in six hours at most', async () => {
    const api = fakeApi({ incidents: () => of(incidents) });
    const { frames, notices = [] } = await run({ shape: 'table', environment: 'prod' }, fakeContext(api), {
      from: asked().to - 24 * HOUR,
    });
    expect(bodiesOf(api, 'incidents')).toEqual([{ from: asked().to - 6 * HOUR, to: asked().to, environment: 'prod' }]);
    expect(frames.map(({ name }) => name)).toEqual(['suspects']);
    expect(notices.map(({ text }) => text)).toEqual([expect.stringContaining('six hours')]);
  });

  it('has the newest first, and with a start the one that the server has first', async () => {
    const [incident] = incidents.incidents;
    if (incident === undefined) throw new Error('no incident');
    const two = { ...incidents, incidents: [incident, { ...incident, start: incident.start + 60_000 }] };
    const api = fakeApi({ incidents: () => of(two) });
    const context = fakeContext(api);
    const began = ({ frames }: Awaited<ReturnType<typeof run>>, name: string) =>
      frames[0]?.fields.find((field) => field.name === name)?.values;
    expect(began(await run({}, context), 'began')).toEqual([incident.start + 60_000, incident.start]);
    const around = { from: incident.start - HOUR, to: incident.start + HOUR };
    const told = await run({ start: `${incident.start}`, models: ['a', 'a'] }, context, around);
    expect(bodiesOf(api, 'incidents')[1]).toEqual({ ...around, start: incident.start, models: ['a'] });
    expect(told.frames[0]?.name).toBe('investigation');
    const templates = fakeTemplates({ start: { value: '' } });
    const unnamed = await run({ start: '$start' }, fakeContext(api, { templates }));
    expect(unnamed.frames[0]?.name).toBe('incidents');
    expect(began(told, 'time')?.[0]).toBe(incident.start);
  });

  it('takes its start from the range, keeps six hours around it, and refuses one outside', async () => {
    const api = fakeApi({ incidents: () => of(incidents) });
    const to = asked().to;
    const range = { from: to - 24 * HOUR, to };
    const templates = fakeTemplates({ __from: { value: `${range.from}` } });
    await run({ start: '$__from' }, fakeContext(api, { templates }), range);
    await run({ start: `${to - 12 * HOUR}` }, fakeContext(api), range);
    expect(bodiesOf(api, 'incidents')).toEqual([
      { from: range.from, to: range.from + 2 * HOUR, start: range.from },
      { from: to - 16 * HOUR, to: to - 10 * HOUR, start: to - 12 * HOUR },
    ]);
    expect(() => runQuery(investigation({ start: '2020-01-01 00:00' }), asked(), fakeContext(api))).toThrow('outside');
    expect(() => runQuery(investigation({ start: 'noon' }), asked(), fakeContext(api))).toThrow('which is no time');
  });

  it('says honestly why there are none: no trouble, or no requests', async () => {
    const [quiet] = saysOf(
      await run(
        {},
        fakeContext(fakeApi({ search: () => of({ requests: [requestWith()], stats: { elapsedMs: 1, rows: 1 } }) })),
      ),
    ) as string[];
    expect(quiet).toMatch(/^There were requests, and none of them went wrong together/);
    const empty = fakeContext(fakeApi());
    expect(saysOf(await run({}, empty))).toEqual([expect.stringMatching(/^No requests are known in the range/)]);
    const counted = (requests: number) =>
      fakeContext(fakeApi({ incidents: () => of({ incidents: [], changes: [], oneIn: 1, requests }) }));
    expect(saysOf(await run({}, counted(0)))).toEqual([expect.stringMatching(/^No requests are known/)]);
    expect(saysOf(await run({}, counted(7)))).toEqual([expect.stringMatching(/^There were requests/)]);
    const { frames, notices = [] } = await run({ shape: 'table' }, empty);
    expect(frames[0]?.length).toBe(0);
    expect(notices.map(({ text }) => text)).toEqual([expect.stringMatching(/^No requests are known/)]);
  });

  it('are asked for once by two panels of one dashboard', async () => {
    const answer = new Subject<typeof incidents>();
    let calls = 0;
    const api = fakeApi({
      incidents: () =>
        defer(() => {
          calls += 1;
          return answer;
        }),
    });
    const context = fakeContext(api);
    const both = lastValueFrom(
      forkJoin([
        runQuery(investigation({}), asked(), context),
        runQuery(investigation({ shape: 'table' }), asked(), context),
      ]),
    );
    answer.next(incidents);
    answer.complete();
    expect((await both).map(({ frames }) => frames[0]?.name)).toEqual(['incidents', 'suspects']);
    expect(calls).toBe(1);
  });

  it('tells what was not looked at: requests, changes, and times without a watcher', async () => {
    const silent = [{ feed: 'cache', of: 'changes' as const, from: 1, to: 2 }];
    const api = fakeApi({ incidents: () => of({ ...incidents, oneIn: 4, changesCut: true as const, silent }) });
    const { notices = [] } = await run({}, fakeContext(api));
    expect(notices.map(({ text }) => text)).toEqual([
      expect.stringContaining('one in 4'),
      expect.stringContaining('more changes than are looked at'),
      expect.stringContaining('cache from'),
    ]);
  });
});

describe('an investigation', () => {
  it('is for audit readers: a Viewer does not ask, and a refusal is remembered', async () => {
    const api = fakeApi({ explain: () => throwError(() => new QueryFailure('no', { status: 403 })) });
    const request = { about: 'request', requestId: 'r-1' } as const;
    await expect(run(request, fakeContext(api, { orgRole: 'Viewer' }))).rejects.toThrow('audit readers');
    expect(api.calls).toEqual([]);
    const editor = fakeContext(api, { orgRole: 'Editor' });
    await expect(run(request, editor)).rejects.toThrow('no');
    await expect(run(request, editor)).rejects.toThrow('audit readers');
  });
});
