import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Accept, runBackfill } from '@aisix-observability/collector-exporter';
import { silentLog, silentRecorder } from '@aisix-observability/pipeline';
import type { BucketConfig, Config, InputTokenConfig } from '../../config/config.ts';
import type { Address } from '../../index.ts';
import { createIngestClient, type IngestClient, reachable } from './ingestClient.ts';
import { signUpload } from './signUpload.ts';
import { exportRequest, type TestRequest, usageEvent } from './testRequest.ts';

/** One configured way in, and how to send a test request through it. */
export interface TestInput {
  /** `object_store gateway-logs/aisix/prod`, `otlp token 1`, … */
  readonly name: string;
  readonly environment: string;
  /** @throws when it was not taken, with what the server said. */
  readonly send: (request: TestRequest) => Promise<void>;
}

export interface TestInputs {
  readonly inputs: readonly TestInput[];
  /** What is configured and cannot be tested from here, with the reason. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/** Every configured bucket, token and the archive; each gets its own request. */
export function testInputs(config: Config, ingest: Address, accept: Accept, now: () => number): TestInputs {
  const { objectStore, otlp, telemetry, followBuckets } = config.inputs;
  const post = createIngestClient(ingest, config.ingest.tls?.certFile);
  const [key] = objectStore?.accessKeys ?? [];
  const host = objectStore?.publicHost ?? hostHeader(ingest);
  return {
    inputs: [
      ...(objectStore === undefined || key === undefined
        ? []
        : objectStore.buckets.map((bucket) => ({
            name: `object_store ${bucket.bucket}/${bucket.prefix}`,
            environment: bucket.environment,
            send: (request: TestRequest) => upload(post, bucket, host, key, request),
          }))),
      ...(otlp?.tokens ?? []).map((token, index) => ({
        name: `otlp token ${index + 1}`,
        environment: token.environment,
        send: (request: TestRequest) => postTraces(post, token, request),
      })),
      ...(telemetry?.tokens ?? []).map((token, index) => ({
        name: `telemetry token ${index + 1}`,
        environment: token.environment,
        send: (request: TestRequest) => postTelemetry(post, token, request),
      })),
      ...config.environments.slice(0, 1).map(({ id }) => ({
        name: 'archive',
        environment: id,
        send: (request: TestRequest) => readArchive(id, accept, now, request),
      })),
    ],
    skipped: [
      ...followBuckets.map(({ name }) => ({
        name: `follow_bucket ${name}`,
        reason: 'it only reads; its state stands in `status`',
      })),
      ...(telemetry !== undefined && telemetry.tokens.length === 0
        ? [{ name: 'telemetry', reason: 'it only takes client certificates, and only data planes have them' }]
        : []),
    ],
  };
}

const hostHeader = ({ host, port }: Address): string => {
  const name = reachable(host);
  return `${name.includes(':') ? `[${name}]` : name}:${port}`;
};

/** Said instead of a 2xx. */
class NotTakenError extends Error {
  constructor(status: number, text: string) {
    const code = /"code":"([a-z_]+)"|<Code>([A-Za-z]+)<\/Code>/.exec(text);
    super(`answered ${status}${code === null ? '' : ` (${code[1] ?? code[2]})`}`);
  }
}

async function upload(
  post: IngestClient,
  { bucket, prefix }: BucketConfig,
  host: string,
  key: { id: string; secret: string },
  request: TestRequest,
): Promise<void> {
  const day = new Date(request.at).toISOString();
  const folders = [...prefix.split('/').filter(Boolean), `dt=${day.slice(0, 10)}`, `hh=${day.slice(11, 13)}`];
  const path = `/${[bucket, ...folders, `${request.requestId}.ndjson.gz`].map(encodeURIComponent).join('/')}`;
  const body = gzipSync(`${JSON.stringify(usageEvent(request))}\n`);
  const headers = signUpload({ path, host, body, at: request.at }, key);
  const { status, text } = await post('PUT', path, headers, body);
  if (status !== 200) throw new NotTakenError(status, text);
}

async function postTraces(post: IngestClient, { token }: InputTokenConfig, request: TestRequest): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const { status, text } = await post('POST', '/v1/traces', headers, JSON.stringify(exportRequest(request)));
  if (status !== 200 || /"rejectedSpans":"?[1-9]/.test(text)) throw new NotTakenError(status, text);
}

async function postTelemetry(
  post: IngestClient,
  { token, environment }: InputTokenConfig,
  request: TestRequest,
): Promise<void> {
  const headers = {
    authorization: `Bearer ${token}`,
    'x-aisix-environment': environment,
    'content-type': 'application/json',
  };
  const body = JSON.stringify({ events: [usageEvent(request)] });
  const { status, text } = await post('POST', '/dp/telemetry', headers, body);
  if (status !== 200) throw new NotTakenError(status, text);
}

/** Through a real archive of one line, as `backfill` reads it. */
async function readArchive(
  environment: string,
  accept: Accept,
  now: () => number,
  request: TestRequest,
): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'aisix-send-test-'));
  try {
    const day = new Date(request.at).toISOString();
    const dir = join(root, 'archive', `dt=${day.slice(0, 10)}`, `hh=${day.slice(11, 13)}`);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'test.ndjson'), `${JSON.stringify(usageEvent(request))}\n`);
    const { events } = await runBackfill({
      dir: join(root, 'archive'),
      environment,
      accept,
      checkpointFile: join(root, 'checkpoint.json'),
      now,
      recorder: silentRecorder,
      log: silentLog,
    });
    if (events !== 1) throw new Error('the archive was read, and its event was refused');
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
