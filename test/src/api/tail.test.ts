import type { GatewayRequest } from '@aisix-observability/evidence';
import { afterEach, describe, expect, it } from 'vitest';
import { RECORDED_ENVIRONMENT } from '../recordings/index.ts';
import { ApiRig, type ApiRigOptions } from './apiRig.ts';
import { OWNER, STAGING, VIEWER } from './readers.ts';
import { TailClient } from './tailClient.ts';

const QUICK = { tailIntervalMillis: 1, tailHeartbeatMillis: 600_000 };
const NOW = 1_795_415_470_000;

const request = (requestId: string, more: Partial<GatewayRequest> = {}): GatewayRequest => ({
  requestId,
  environment: RECORDED_ENVIRONMENT,
  n: 0,
  state: 'final',
  timing: 'measured',
  startTime: NOW - 100,
  endTime: NOW,
  durationMs: 100,
  status: 200,
  outcome: 'success',
  revision: 0,
  feeds: ['usage'],
  attempts: [],
  ...more,
});

const open: TailClient[] = [];
afterEach(() => Promise.all(open.splice(0).map((client) => client.leave())));

async function tail(rig: ApiRig, body: object = {}, reader = VIEWER): Promise<TailClient> {
  const response = await rig.send('/requests/tail', body, { reader });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
  const client = new TailClient(response);
  open.push(client);
  return client;
}

const rigWith = (options: ApiRigOptions = {}) => new ApiRig({ ...options, limits: { ...QUICK, ...options.limits } });

describe('a live tail', () => {
  it('says at once where it stands, then shows what is stored after, and nothing from before', async () => {
    const rig = rigWith();
    await rig.apply([request('before')]);
    const client = await tail(rig);
    expect(await client.next()).toMatchObject({ heartbeat: expect.any(Number), cursor: expect.any(String) });
    await rig.apply([request('first'), request('second')]);
    expect(await client.ids(2)).toEqual(['first', 'second']);
    await rig.apply([request('first', { revision: 1, status: 502 })]);
    expect(await client.next()).toMatchObject({ requests: [{ requestId: 'first', revision: 1 }] });
  });

  it('shows what fulfils its conditions, in the environments and with the fields that the reader may see', async () => {
    const rig = rigWith();
    const filters = [{ field: 'status', op: 'gte', value: 500 }];
    const client = await tail(rig, { filters, text: 'TIMEOUT' });
    await client.next();
    const failed = { status: 504, errorMessage: 'upstream timeout', client: { address: '10.0.0.7' } };
    await rig.apply([
      request('fine', { errorMessage: 'timeout' }),
      request('elsewhere', { ...failed, environment: STAGING }),
      request('other words', { ...failed, errorMessage: 'refused' }),
      request('meant', failed),
    ]);
    const line = await client.next();
    expect(line.requests).toMatchObject([{ requestId: 'meant' }]);
    expect(line.requests?.[0]?.client?.address).toMatch(/^hmac:/);
    const both = await tail(rig, { filters }, OWNER);
    await both.next();
    await rig.apply([request('in staging', { ...failed, environment: STAGING })]);
    expect(await both.ids(1)).toEqual(['in staging']);
  });

  it('goes on by cursor where it stopped, in pages, and refuses the cursor of another tail', async () => {
    const rig = rigWith({ limits: { tailRows: 2 } });
    const first = await tail(rig);
    const { cursor } = await first.next();
    await first.leave();
    await rig.apply(['a', 'b', 'c', 'd', 'e'].map((id) => request(id)));
    const second = await tail(rig, { cursor });
    expect(await second.ids(5)).toEqual(['a', 'b', 'c', 'd', 'e']);
    const other = await rig.post('/requests/tail', { cursor, text: 'x' });
    expect(other.body.error.code).toBe('cursor_mismatch');
  });

  it('sends a heartbeat in silence', async () => {
    const client = await tail(rigWith({ limits: { tailHeartbeatMillis: 5 } }));
    for (let beat = 0; beat < 3; beat += 1) expect(await client.next()).toHaveProperty('heartbeat');
  });

  it('tells a client that is too slow what it missed, and reads nothing for it meanwhile', async () => {
    let now = NOW;
    let asked = 0;
    const rig = rigWith({ now: () => now, limits: { tailBehind: 10, tailRows: 4 } });
    const { changed } = rig.store;
    rig.store.changed = (query, signal) => {
      asked += 1;
      return changed(query, signal);
    };
    const client = await tail(rig);
    await client.next();
    const before = asked;
    for (let index = 0; index < 30; index += 1) await rig.apply([request(`r${index}`)]);
    expect(asked).toBe(before);
    now += 5000;
    const { missed } = await client.next();
    expect(missed).toEqual({ from: NOW, to: NOW + 5000 });
    await rig.apply([request('present')]);
    expect(await client.ids(1)).toEqual(['present']);
  });

  it('ends when the token of the reader does, with a line that says so', async () => {
    const reader = { ...VIEWER, expiresAt: Date.now() + 50 };
    const client = await tail(rigWith(), {}, reader);
    expect(await client.last()).toMatchObject({ end: 'token_expired', cursor: expect.any(String) });
  });

  it('ends with the server, and no new one is let in', async () => {
    const rig = rigWith();
    const client = await tail(rig);
    await client.next();
    rig.stop();
    expect(await client.last()).toMatchObject({ end: 'stopping' });
    expect((await rig.post('/requests/tail', {})).body.error.code).toBe('stopping');
  });

  it('ends when the store does not answer any more', async () => {
    const rig = rigWith();
    const client = await tail(rig);
    await client.next();
    await rig.store.close();
    expect(await client.last()).toMatchObject({ end: 'store_unavailable' });
  });

  it('leaves nothing behind when the client goes', async () => {
    const rig = rigWith();
    const client = await tail(rig);
    await client.next();
    expect(rig.listeners).toBe(1);
    await client.leave();
    expect(rig.listeners).toBe(0);
    const gone = new AbortController();
    const waiting = await rig.send('/requests/tail', {}, { signal: gone.signal });
    const reader = new TailClient(waiting);
    await reader.next();
    const next = reader.next();
    gone.abort();
    await expect(next).rejects.toThrow('ended');
    expect(rig.listeners).toBe(0);
  });

  it('is one of a few, for everybody and for each reader', async () => {
    const rig = rigWith({ limits: { tails: 3, tailsPerReader: 2 } });
    await tail(rig);
    const second = await tail(rig);
    const refused = await rig.post('/requests/tail', {});
    expect([refused.status, refused.body.error.code, refused.headers.get('retry-after')]).toEqual([
      429,
      'too_many_tails',
      '10',
    ]);
    await tail(rig, {}, OWNER);
    expect((await rig.post('/requests/tail', {}, { reader: OWNER })).status).toBe(429);
    await second.leave();
    await tail(rig);
    // One that is refused for its query takes no place.
    const wrong = { filters: [{ field: 'errorMessage', op: 'regex', value: '(' }] };
    await second.leave();
    for (let round = 0; round < 4; round += 1) expect((await rig.post('/requests/tail', wrong)).status).not.toBe(200);
    expect(rig.listeners).toBe(3);
  });
});
