import { gzipSync } from 'node:zlib';
import { StateFileError, StreamFullError, silentLog } from '@aisix-observability/pipeline';
import { beforeEach, expect, test } from 'vitest';
import type { Delivery } from '../report.ts';
import type { BucketClient, BucketPage } from './bucketClient.ts';
import { type BucketFollowerOptions, createBucketFollower } from './bucketFollower.ts';
import type { ListedObject } from './bucketMemory.ts';
import { HOUR_MILLIS, partitionOfHour, UNKNOWN_PARTITION } from './bucketPartitions.ts';
import { MAX_TRIES } from './bucketRetries.ts';
import type { FollowerSnapshot, FollowerState } from './bucketState.ts';

/** A bucket in memory for tests: what time, lateness, paging and faults look like from the follower's side. */
interface FakeBucket {
  put(key: string, bytes: Uint8Array | string, modifiedAt: number): void;
  delete(key: string): void;
  readonly client: () => BucketClient;
  readonly listed: string[];
  readonly read: string[];
  /** Fails a call when it returns something. */
  fault: { list?: (prefix: string) => unknown; read?: (key: string) => unknown };
}

function createFakeBucket(pageSize = 1000): FakeBucket {
  const objects = new Map<string, ListedObject & { readonly bytes: Uint8Array }>();
  const bucket: FakeBucket = {
    put(key, bytes, modifiedAt) {
      const stored = Buffer.from(bytes);
      // Listings have whole seconds.
      objects.set(key, { key, bytes: stored, size: stored.length, modifiedAt: Math.floor(modifiedAt / 1000) * 1000 });
    },
    delete: (key) => void objects.delete(key),
    client: () => ({
      async list(prefix, next): Promise<BucketPage> {
        bucket.listed.push(prefix);
        const error = bucket.fault.list?.(prefix);
        if (error !== undefined) throw error;
        const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > (next ?? '')).sort();
        const page = keys.slice(0, pageSize);
        const last = page.at(-1);
        return {
          objects: page.map((key) => objects.get(key) as ListedObject),
          ...(keys.length > page.length && last !== undefined ? { next: last } : {}),
        };
      },
      async read(key) {
        bucket.read.push(key);
        const error = bucket.fault.read?.(key);
        if (error !== undefined) throw error;
        const found = objects.get(key);
        if (found === undefined) throw Object.assign(new Error('gone'), { name: 'NoSuchKey' });
        return found.bytes;
      },
      close() {},
    }),
    listed: [],
    read: [],
    fault: {},
  };
  return bucket;
}

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 23, 6, 30);
let clock: number;
let bucket: FakeBucket;
let saved: FollowerSnapshot | undefined;
let counted: Record<string, number>;
let deliveries: Delivery[];

beforeEach(() => {
  clock = START;
  bucket = createFakeBucket();
  saved = undefined;
  counted = {};
  deliveries = [];
});

const memoryState: FollowerState = {
  load: () => saved,
  save(snapshot) {
    // What cannot be written as JSON would be lost on a disk.
    saved = JSON.parse(JSON.stringify(snapshot)) as FollowerSnapshot;
  },
};

function follower(given: Partial<BucketFollowerOptions> = {}) {
  return createBucketFollower({
    endpoint: 'http://store',
    region: 'us-east-1',
    bucket: 'gateway-logs',
    prefix: 'aisix/prod',
    forcePathStyle: true,
    intervalMillis: 10_000,
    environment: 'prod',
    state: memoryState,
    accept: async (delivery) => void deliveries.push(delivery),
    now: () => clock,
    recorder: {
      count(name, value, labels) {
        const key = [name, labels?.result ?? labels?.reason].filter(Boolean).join(' ');
        counted[key] = (counted[key] ?? 0) + value;
      },
      gauge() {},
      observe() {},
    },
    log: silentLog,
    client: bucket.client,
    wait: async (_millis, signal) => signal.throwIfAborted(),
    ...given,
  });
}

const line = (id: string) =>
  `{"schema_version":"1.0","request_id":"${id}","occurred_at":"2026-11-23T06:00:00Z","attempt_index":0,"status_code":200,"upstream_latency_ms":5}\n`;

/** Puts one object with one event into the partition of a time. */
function put(id: string, at = clock, partition = partitionOfHour(Math.floor(at / HOUR_MILLIS) * HOUR_MILLIS)): string {
  // Names are hashes: they do not sort by time.
  const name = Buffer.from(`${id.length}${[...id].reverse().join('')}`).toString('hex');
  const key = `aisix/prod/${partition}/${name}.ndjson.gz`;
  bucket.put(key, gzipSync(line(id)), clock);
  return key;
}

const arrived = () => deliveries.flatMap((delivery) => delivery.reports.map((report) => report.requestId));

test('takes what comes from now on, each object once, with environment and data plane', async () => {
  bucket.put('aisix/prod/dt=2026-11-23/hh=06/old.ndjson', line('old'), START - 6 * MINUTE);
  put('just-before');
  const one = follower({ dataPlane: 'dp-1' });
  expect(one.health().state).toBe('starting');
  expect(await one.pollOnce()).toMatchObject({ taken: 1, events: 1, refused: 0, setAside: 0, more: false });
  clock += 10_000;
  put('a');
  put('b');
  expect(await one.pollOnce()).toMatchObject({ taken: 2, events: 2 });
  expect(await one.pollOnce()).toMatchObject({ taken: 0, events: 0 });
  expect(arrived().sort()).toEqual(['a', 'b', 'just-before']);
  expect(deliveries[0]).toMatchObject({ input: 'follow_bucket', environment: 'prod', dataPlane: 'dp-1' });
  expect(one.health()).toMatchObject({ state: 'ok', retrying: 0, lastSuccessAt: clock });
  await one.close();
  expect(one.health().state).toBe('closed');
});

test('from a given time on, older objects are taken too, over pages, in order of their time', async () => {
  bucket = createFakeBucket(7);
  const ids: string[] = [];
  for (clock = START - 5 * HOUR_MILLIS; clock < START; clock += 5 * MINUTE) {
    put(`r-${clock}`);
    if (clock >= START - 4.5 * HOUR_MILLIS) ids.push(`r-${clock}`);
  }
  const one = follower({ since: START - 3 * HOUR_MILLIS });
  const result = await one.pollOnce();
  // Slack: an object of the hour before may hold events of the time asked for.
  expect(result).toMatchObject({ taken: ids.length, late: 0 });
  expect(new Set(arrived())).toEqual(new Set(ids));
});

test('listing costs little: live hours every time, quiet ones every minute, those that are over every hour', async () => {
  const one = follower();
  await one.pollOnce();
  const of = (prefix: string) => bucket.listed.filter((listed) => listed === prefix).length;
  for (let seconds = 10; seconds <= 3 * 60; seconds += 10) {
    clock = START + seconds * 1000;
    await one.pollOnce();
  }
  expect(of('aisix/prod/dt=2026-11-23/hh=06/')).toBe(19);
  expect(of('aisix/prod/dt=2026-11-23/hh=05/')).toBe(4);
  expect(of(`aisix/prod/${UNKNOWN_PARTITION}/`)).toBe(4);
  expect(of('aisix/prod/dt=2026-11-23/hh=07/')).toBe(0);
  expect(bucket.listed).toHaveLength(27);
  for (let minutes = 5; minutes <= 5 * 60; minutes += 5) {
    clock = START + minutes * MINUTE;
    await one.pollOnce();
  }
  // Open until 07:05, then once an hour until 11:30.
  expect(of('aisix/prod/dt=2026-11-23/hh=05/')).toBe(4 + 7 + 4);
});

test('late within the slack is not missed, later than that is found by the sweep and counted', async () => {
  const one = follower();
  put('on-time');
  await one.pollOnce();
  clock = START + HOUR_MILLIS + 20 * MINUTE;
  put('late-within-slack', START);
  await one.pollOnce();
  expect(arrived()).toEqual(['on-time', 'late-within-slack']);
  clock = START + 2 * HOUR_MILLIS;
  expect(await one.pollOnce()).toMatchObject({ late: 0 });
  expect(one.health().readUntil).toBe(Date.UTC(2026, 10, 23, 7));
  clock += 10 * MINUTE;
  put('very-late', START);
  expect(await one.pollOnce()).toMatchObject({ taken: 0 });
  clock += HOUR_MILLIS;
  expect(await one.pollOnce()).toMatchObject({ taken: 1, late: 1 });
  expect(counted.aisix_follow_late_objects).toBe(1);
  clock += HOUR_MILLIS;
  expect(await one.pollOnce()).toMatchObject({ taken: 0, late: 0 });
  expect(arrived()).toEqual(['on-time', 'late-within-slack', 'very-late']);
  expect(bucket.read).toHaveLength(3);
});

test('the partition without a time is followed as well, and its memory stays small', async () => {
  const one = follower();
  put('nameless', clock, UNKNOWN_PARTITION);
  await one.pollOnce();
  for (let n = 0; n < 10_001; n += 1) bucket.put(`aisix/prod/${UNKNOWN_PARTITION}/${n}.txt`, '', clock);
  clock += 2 * MINUTE;
  await one.pollOnce();
  expect(saved?.partitions[UNKNOWN_PARTITION]).toMatchObject({ taken: [], settled: { objects: 10_002 } });
  clock += 2 * MINUTE;
  put('later', clock, UNKNOWN_PARTITION);
  await one.pollOnce();
  expect(arrived()).toEqual(['nameless', 'later']);
  expect(bucket.read).toHaveLength(2);
});

test('after a restart nothing is read twice, and what came during the absence is read, however long it was', async () => {
  const one = follower();
  put('before');
  await one.pollOnce();
  await one.close();
  const ids = ['before'];
  for (clock = START + MINUTE; clock < START + 400 * HOUR_MILLIS; clock += 7 * HOUR_MILLIS) {
    put(`r-${clock}`);
    ids.push(`r-${clock}`);
  }
  const two = follower();
  const first = await two.pollOnce();
  expect(first.more).toBe(true);
  while ((await two.pollOnce()).more) {}
  expect(arrived().sort()).toEqual(ids.sort());
  expect(bucket.read).toHaveLength(ids.length);
  // Two days of sums, the open hours, and the unknown partition.
  expect(Object.keys(saved?.partitions ?? {}).length).toBeLessThan(54);
});

test('a crash between storing and writing it down reads again; nothing is written down before it is stored', async () => {
  put('a');
  let release: () => void = () => {};
  const one = follower({
    accept: (delivery) =>
      new Promise((resolve) => {
        release = () => {
          deliveries.push(delivery);
          resolve();
        };
      }),
  });
  const polling = one.pollOnce();
  await new Promise((resolve) => setTimeout(resolve, 20));
  // Whatever was saved so far does not know the object.
  const two = follower();
  await two.pollOnce();
  expect(arrived()).toEqual(['a']);
  saved = undefined;
  release();
  await polling;
  expect(arrived()).toEqual(['a', 'a']);
  await follower().pollOnce();
  expect(arrived()).toEqual(['a', 'a']);
});

test('closing waits for what is being stored, writes it down, and ends a pause at once', async () => {
  put('a');
  let stored: () => void = () => {};
  const one = follower({
    accept: () =>
      new Promise((resolve) => {
        stored = resolve;
      }),
  });
  const polling = one.pollOnce();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const closing = one.close();
  stored();
  expect((await polling).fault).toMatchObject({ code: 'closed' });
  await closing;
  await follower().pollOnce();
  expect(bucket.read).toHaveLength(1);
  const looping = follower({
    wait: (_millis, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', reject)),
  });
  looping.start();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(looping.health().state).toBe('ok');
  await looping.close();
});

test('a full stream is waited for with the same object, and shows in the health', async () => {
  put('a');
  const states: string[] = [];
  const waits: number[] = [];
  let full = 2;
  const one = follower({
    wait: async (millis) => {
      waits.push(millis);
      states.push(one.health().state);
    },
    accept: async (delivery) => {
      full -= 1;
      if (full >= 0) throw new StreamFullError('deliveries', 1, 7);
      deliveries.push(delivery);
    },
  });
  expect(await one.pollOnce()).toMatchObject({ taken: 1, events: 1 });
  expect([waits, states, one.health().state]).toEqual([[7000, 7000], ['waiting', 'waiting'], 'ok']);
  expect([arrived(), bucket.read.length, counted['aisix_follow_pauses stream_full']]).toEqual([['a'], 1, 2]);
});

test('an object that cannot be read is tried again less and less often, then set aside by name; the rest goes on', async () => {
  const bad = put('bad');
  put('good');
  bucket.fault.read = (key) =>
    key === bad ? Object.assign(new Error('x'), { $metadata: { httpStatusCode: 500 } }) : undefined;
  const one = follower();
  expect(await one.pollOnce()).toMatchObject({ taken: 1, setAside: 0 });
  expect(one.health()).toMatchObject({ state: 'ok', retrying: 1 });
  const tries: number[] = [];
  for (let second = 5; second <= 300; second += 5) {
    clock = START + second * 1000;
    const before = bucket.read.filter((key) => key === bad).length;
    if (second === 200) put('another');
    await one.pollOnce();
    if (bucket.read.filter((key) => key === bad).length > before) tries.push(second);
  }
  expect(tries).toEqual([10, 30, 70, 150]);
  expect(tries).toHaveLength(MAX_TRIES - 1);
  expect(one.health()).toMatchObject({ retrying: 0, setAsideCount: 1, setAside: [{ key: bad, reason: 'unreadable' }] });
  expect(counted['aisix_follow_set_aside unreadable']).toBe(1);
  expect(arrived()).toEqual(['good', 'another']);
  await one.close();
  expect(follower().health().setAside).toMatchObject([{ key: bad }]);
  clock += 3 * HOUR_MILLIS;
  const two = follower();
  await two.pollOnce();
  clock += 2 * HOUR_MILLIS;
  expect(await two.pollOnce()).toMatchObject({ taken: 0, setAside: 0 });
});

test('of damaged content the lines before the damage are kept; what is too large or no archive is not read', async () => {
  const partition = 'aisix/prod/dt=2026-11-23/hh=06';
  const text = Array.from({ length: 3000 }, (_, n) => line(`torn-${n}-${(n * 7919) % 4001}`)).join('');
  const torn = gzipSync(text);
  bucket.put(`${partition}/torn.ndjson.gz`, torn.subarray(0, torn.length >> 1), clock);
  bucket.put(`${partition}/nogzip.ndjson.gz`, 'this is no gzip', clock);
  bucket.put(`${partition}/bomb.ndjson.gz`, gzipSync(Buffer.alloc(257 << 20, '\n')), clock);
  bucket.put(`${partition}/bad.ndjson.gz`, gzipSync('x\n'.repeat(30_000_000)), clock);
  bucket.put(`${partition}/large.ndjson`, Buffer.alloc((64 << 20) + 1), clock);
  bucket.put(`${partition}/empty.ndjson.gz`, '', clock);
  bucket.put(`${partition}/folder/`, '', clock);
  bucket.put(`${partition}/mixed.ndjson`, `${line('m1')}nonsense\n\n${line('m2')}`, clock);
  const one = follower();
  expect(await one.pollOnce()).toMatchObject({ taken: 6, refused: 10_001, setAside: 5 });
  const reasons = one.health().setAside.map(({ key, reason }) => [key.slice(partition.length + 1), reason]);
  expect(reasons.sort()).toEqual([
    ['bad.ndjson.gz', 'too_many_refusals'],
    ['bomb.ndjson.gz', 'inflates_too_large'],
    ['large.ndjson', 'object_too_large'],
    ['nogzip.ndjson.gz', 'bad_gzip'],
    ['torn.ndjson.gz', 'torn_gzip'],
  ]);
  expect(arrived().filter((id) => id.startsWith('torn-')).length).toBeGreaterThan(1000);
  expect(arrived()).toEqual(expect.arrayContaining(['m1', 'm2']));
  expect(bucket.read).not.toContain(`${partition}/large.ndjson`);
  expect(bucket.read).not.toContain(`${partition}/folder/`);
  expect(await one.pollOnce()).toMatchObject({ taken: 0, setAside: 0 });
});

test('a store that refuses is named by what to check, gives up nothing, and all is read when it is back', async () => {
  const logged: unknown[] = [];
  const one = follower({ log: (level, message, fields) => void logged.push([level, message, fields]) });
  bucket.fault.list = () => Object.assign(new Error('secretexample'), { name: 'SignatureDoesNotMatch' });
  put('a');
  for (let n = 0; n < 3; n += 1) expect((await one.pollOnce()).fault?.code).toBe('secret_wrong');
  expect(one.health()).toMatchObject({
    state: 'failing',
    fault: { message: expect.stringContaining('`credentials.secret`') },
  });
  expect(logged).toHaveLength(1);
  expect(JSON.stringify(logged)).not.toContain('secretexample');
  bucket.fault = { read: () => Object.assign(new Error('x'), { name: 'AccessDenied' }) };
  for (let n = 0; n < 40; n += 1) put(`r-${n}`);
  for (let n = 0; n < 9; n += 1) {
    clock += 10 * MINUTE;
    expect((await one.pollOnce()).fault?.code).toBe('access_denied');
  }
  // It stops early instead of trying every object.
  expect(bucket.read.length).toBeLessThan(9 * 20);
  bucket.fault = {};
  clock += 10 * MINUTE;
  expect(await one.pollOnce()).toMatchObject({ taken: 41, setAside: 0 });
  expect(one.health()).toMatchObject({ state: 'ok', setAsideCount: 0, retrying: 0 });
});

test('a single object that may not be read shows in the health too', async () => {
  put('a');
  bucket.fault.read = () => Object.assign(new Error('x'), { name: 'AccessDenied' });
  const one = follower();
  expect((await one.pollOnce()).fault?.code).toBe('access_denied');
  expect(one.health()).toMatchObject({ state: 'failing', retrying: 1 });
});

test("an object deleted between listing and reading is nobody's fault", async () => {
  const key = put('a');
  put('b');
  bucket.fault.read = () => {
    bucket.delete(key);
    return undefined;
  };
  const one = follower();
  expect(await one.pollOnce()).toMatchObject({ taken: 1, setAside: 0 });
  expect(one.health()).toMatchObject({ state: 'ok', retrying: 0 });
});

test('a failing listing of one page loses nothing of the pages before and after', async () => {
  bucket = createFakeBucket(2);
  for (let n = 0; n < 9; n += 1) put(`r-${n}`);
  let calls = 0;
  bucket.fault.list = () => {
    calls += 1;
    return calls === 3 ? Object.assign(new Error('x'), { name: 'SlowDown' }) : undefined;
  };
  const one = follower();
  expect(await one.pollOnce()).toMatchObject({ taken: 4, fault: { code: 'throttled' } });
  expect(await one.pollOnce()).toMatchObject({ taken: 5 });
  expect(new Set(arrived()).size).toBe(9);
  expect(bucket.read).toHaveLength(9);
});

test('events that cannot be stored, and a state that cannot be written, are faults that lose nothing', async () => {
  put('a');
  let broken = true;
  const one = follower({
    accept: async (delivery) => {
      if (broken) throw new Error('closed');
      deliveries.push(delivery);
    },
    state: {
      load: () => undefined,
      save() {
        throw new Error('disk full');
      },
    },
  });
  expect((await one.pollOnce()).fault?.code).toBe('accept_failed');
  broken = false;
  expect(await one.pollOnce()).toMatchObject({ taken: 1, fault: { code: 'state_failed' } });
  await one.close();
  expect(arrived()).toEqual(['a']);
});

test('a damaged state reads two days again, one of a newer version is refused, one of another place is not used', async () => {
  clock = START - 30 * HOUR_MILLIS;
  put('yesterday');
  clock = START;
  const state = (code: 'state_unreadable' | 'state_newer'): FollowerState => ({
    load() {
      throw new StateFileError(code);
    },
    save() {},
  });
  await follower({ state: state('state_unreadable') }).pollOnce();
  expect(arrived()).toEqual(['yesterday']);
  expect(() => follower({ state: state('state_newer') })).toThrow(StateFileError);
  put('now');
  await follower().pollOnce();
  const other = follower({ prefix: 'aisix/staging' });
  bucket.put('aisix/staging/dt=2026-11-23/hh=06/x.ndjson', line('staging'), clock);
  await other.pollOnce();
  expect(arrived()).toEqual(['yesterday', 'now', 'staging']);
});

test('a clock that jumps ahead and back leaves nothing out', async () => {
  const one = follower();
  await one.pollOnce();
  clock = START + 10_000 * HOUR_MILLIS;
  for (let n = 0; n < 60; n += 1) await one.pollOnce();
  expect(one.health().readUntil).toBeGreaterThan(START + 9000 * HOUR_MILLIS);
  clock = START + MINUTE;
  put('after');
  await one.pollOnce();
  expect(arrived()).toEqual(['after']);
});

test('two prefixes are two environments', async () => {
  const states: Record<string, FollowerSnapshot> = {};
  const of = (environment: string): FollowerState => ({
    load: () => states[environment],
    save(snapshot) {
      states[environment] = snapshot;
    },
  });
  const prod = follower({ state: of('prod') });
  const staging = follower({ prefix: '/aisix/staging/', environment: 'staging', state: of('staging') });
  put('p');
  bucket.put('aisix/staging/dt=2026-11-23/hh=06/x.ndjson', line('s'), clock);
  await Promise.all([prod.pollOnce(), staging.pollOnce()]);
  const seen = deliveries.map(({ environment, reports }) => [environment, reports[0]?.requestId]);
  expect(seen.sort()).toEqual([
    ['prod', 'p'],
    ['staging', 's'],
  ]);
});

test('it polls by itself, asks a failing store less and less often, and never two polls at once', async () => {
  const waits: number[] = [];
  let one: ReturnType<typeof follower> | undefined;
  const done = new Promise<void>((resolve) => {
    one = follower({
      wait: async (millis, signal) => {
        signal.throwIfAborted();
        waits.push(millis);
        if (waits.length === 4) bucket.fault = {};
        if (waits.length === 6) resolve();
        await new Promise((next) => setImmediate(next));
      },
    });
  });
  bucket.fault.list = () => Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
  one?.start();
  one?.start();
  expect(one?.pollOnce()).toBe(one?.pollOnce());
  await done;
  await one?.close();
  expect(waits.slice(0, 6)).toEqual([20_000, 40_000, 80_000, 160_000, 10_000, 10_000]);
});
