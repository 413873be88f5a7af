import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  type BucketFollowerOptions,
  createBucketFollower,
  type Delivery,
  fileFollowerState,
  objectStoreReceiver,
} from '@aisix-observability/collector-exporter';
import { silentLog, silentRecorder } from '@aisix-observability/pipeline';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { loadObjects, objectName, partitionOf, RECORDED_SIGNING } from '../recordings/index.ts';
import { type MotoServer, startMoto } from './motoServer.ts';

let moto: MotoServer | { readonly unavailable: string } | undefined;
let dir: string;
let buckets = 0;
let bucket: string;

beforeAll(async () => {
  moto = await startMoto();
  if ('unavailable' in moto) process.stderr.write(`The tests against a real bucket are skipped: ${moto.unavailable}\n`);
}, 300_000);
afterAll(() => {
  if (moto !== undefined && 'endpoint' in moto) moto.close();
});
beforeEach(async (context) => {
  dir = mkdtempSync(join(tmpdir(), 'moto-'));
  buckets += 1;
  bucket = `gateway-logs-${buckets}`;
  if (moto !== undefined && 'unavailable' in moto) context.skip(moto.unavailable);
  else await store(`/${bucket}`);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Puts a bucket or an object; the server does not ask who it is until it is told to. */
async function store(path: string, body: Uint8Array | string = ''): Promise<void> {
  const answer = await fetch(`${(moto as MotoServer).endpoint}${path}`, { method: 'PUT', body });
  expect(answer.status).toBe(200);
}

async function storeAll(
  objects: readonly { readonly path: string; readonly body: Uint8Array | string }[],
): Promise<void> {
  const queue = [...objects];
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let object = queue.pop(); object !== undefined; object = queue.pop()) await store(object.path, object.body);
    }),
  );
}

const END = Date.parse('2026-11-23T06:50:00Z');

function follower(deliveries: Delivery[], given: Partial<BucketFollowerOptions> = {}) {
  return createBucketFollower({
    endpoint: (moto as MotoServer).endpoint,
    region: 'us-east-1',
    bucket,
    prefix: 'aisix/prod',
    credentials: { id: 'AKIDEXAMPLE', secret: 'secretexample' },
    forcePathStyle: true,
    intervalMillis: 10_000,
    environment: 'prod',
    since: END,
    state: fileFollowerState(dir, given.environment ?? 'prod'),
    accept: async (delivery) => void deliveries.push(delivery),
    now: () => END,
    recorder: silentRecorder,
    log: silentLog,
    ...given,
  });
}

const sorted = (deliveries: readonly Delivery[]) =>
  deliveries.flatMap(({ reports }) => reports.map((report) => JSON.stringify(report))).sort();

const ids = (deliveries: readonly Delivery[]) =>
  deliveries.flatMap(({ reports }) => reports.map((report) => report.requestId));

const line = (id: string) =>
  `{"schema_version":"1.0","request_id":"${id}","occurred_at":"2026-11-23T06:40:00Z","attempt_index":0,"status_code":200,"upstream_latency_ms":5}\n`;

test('a recorded evening read from the bucket gives what the same uploads give when sent to us', async () => {
  const uploads = loadObjects('story');
  await storeAll(uploads.map(({ url, body }) => ({ path: url.replace('/gateway-logs/', `/${bucket}/`), body })));
  const followed: Delivery[] = [];
  const one = follower(followed);
  const result = await one.pollOnce();
  expect(result).toMatchObject({ taken: uploads.length, events: 13_477, refused: 0, setAside: 0 });
  expect(result.fault).toBeUndefined();

  const sent: Delivery[] = [];
  let clock = 0;
  const receiver = objectStoreReceiver({
    accessKeys: [{ id: RECORDED_SIGNING.accessKey, secret: RECORDED_SIGNING.secret }],
    buckets: [{ bucket: 'gateway-logs', prefix: 'aisix/prod', environment: 'prod' }],
    accept: async (delivery) => void sent.push(delivery),
    now: () => clock,
    recorder: silentRecorder,
    log: silentLog,
  });
  for (const { url, headers, body, receivedAt } of uploads) {
    clock = receivedAt;
    const answer = await receiver.request(`http://${headers.host}${url}`, {
      method: 'PUT',
      headers: { ...headers },
      body,
    });
    expect(answer.status).toBe(200);
  }
  expect(sorted(followed)).toEqual(sorted(sent));
  expect(followed.every(({ input, environment }) => input === 'follow_bucket' && environment === 'prod')).toBe(true);

  // Another process goes on where this one ended, and what is new is found among hundreds of older keys.
  await one.close();
  const [url, name] = [`/${bucket}/aisix/prod/dt%3D2026-11-23/hh%3D06/`, objectName(Buffer.from('new'))];
  await store(`${url}${name}`, gzipSync(line('new')));
  const after: Delivery[] = [];
  const two = follower(after);
  expect(await two.pollOnce()).toMatchObject({ taken: 1, events: 1 });
  expect(ids(after)).toEqual(['new']);
  await two.close();
}, 60_000);

test('listings of more than a thousand objects, plain and gzip, and objects without a time', async () => {
  const objects = Array.from({ length: 1050 }, (_, n) => ({
    path: `/${bucket}/aisix/prod/dt=2026-11-23/hh=06/${objectName(Buffer.from(`${n}`), n % 2 === 0 ? 'gzip' : 'none')}`,
    body: n % 2 === 0 ? gzipSync(line(`r-${n}`)) : line(`r-${n}`),
  }));
  objects.push({ path: `/${bucket}/aisix/prod/dt=unknown/hh=00/x.ndjson`, body: line('r-1050') });
  await storeAll(objects);
  const deliveries: Delivery[] = [];
  const one = follower(deliveries);
  expect(await one.pollOnce()).toMatchObject({ listed: 1051, taken: 1051, events: 1051 });
  expect(ids(deliveries).sort()).toEqual(Array.from({ length: 1051 }, (_, n) => `r-${n}`).sort());
  await one.close();
}, 60_000);

test('names that trip up others are read, or said to be unreadable, and nothing beside them is lost', async () => {
  const names = [
    'plain',
    'with space',
    'a+b',
    '100%25',
    '..',
    'ü',
    `<&>"'`,
    'a//b',
    '%2e%2e%2f',
    '\u001b[2J',
    'x'.repeat(300),
  ];
  await storeAll(
    names.map((name, n) => ({
      path: `/${bucket}/aisix/prod/dt%3D2026-11-23/hh%3D06/${encodeURIComponent(`${name}.ndjson`)}`,
      body: line(`r-${n}`),
    })),
  );
  const deliveries: Delivery[] = [];
  const one = follower(deliveries);
  expect(await one.pollOnce()).toMatchObject({ taken: names.length, setAside: 0 });
  expect(ids(deliveries).sort()).toEqual(names.map((_, n) => `r-${n}`).sort());
  await one.close();
});

test('two prefixes of one bucket are two environments with a state each', async () => {
  const partition = partitionOf('2026-11-23T06:40:00Z');
  await store(`/${bucket}/aisix/prod/${partition}/a.ndjson`, line('p'));
  await store(`/${bucket}/aisix/staging/${partition}/a.ndjson`, line('s'));
  const deliveries: Delivery[] = [];
  const both = [follower(deliveries), follower(deliveries, { environment: 'staging', prefix: 'aisix/staging' })];
  for (const one of both) {
    expect(await one.pollOnce()).toMatchObject({ taken: 1 });
    expect(await one.pollOnce()).toMatchObject({ taken: 0 });
    await one.close();
  }
  expect(deliveries.map(({ environment, reports }) => [environment, reports[0]?.requestId])).toEqual([
    ['prod', 'p'],
    ['staging', 's'],
  ]);
});

test('a missing bucket, a closed port and refused credentials are named by what to check', async () => {
  const { endpoint } = moto as MotoServer;
  const code = async (given: Partial<BucketFollowerOptions>) => {
    const one = follower([], given);
    const { fault } = await one.pollOnce();
    expect(one.health()).toMatchObject({ state: 'failing', fault });
    expect(JSON.stringify(one.health())).not.toContain('secretexample');
    await one.close();
    return fault?.code;
  };
  expect(await code({ bucket: 'no-such-bucket' })).toBe('bucket_missing');
  expect(await code({ endpoint: 'http://127.0.0.1:9' })).toBe('endpoint_unreachable');

  // From here on the server asks who it is.
  const call = async (body: string) => {
    const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=x/20261123/us-east-1/iam/aws4_request' };
    const answer = await fetch(endpoint, { method: 'POST', body: new URLSearchParams(body), headers });
    return answer.text();
  };
  await call('Action=CreateUser&UserName=reader&Version=2010-05-08');
  const key = await call('Action=CreateAccessKey&UserName=reader&Version=2010-05-08');
  const id = /<AccessKeyId>(.*?)</.exec(key)?.[1] ?? '';
  const secret = /<SecretAccessKey>(.*?)</.exec(key)?.[1] ?? '';
  expect([id, secret]).not.toContain('');
  await fetch(`${endpoint}/moto-api/reset-auth`, { method: 'POST', body: '0' });
  expect(await code({})).toBe('access_key_unknown');
  expect(await code({ credentials: { id, secret: 'secretexample' } })).toBe('secret_wrong');
  expect(await code({ credentials: { id, secret } })).toBe('access_denied');
});
