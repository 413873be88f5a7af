import { setTimeout as delay } from 'node:timers/promises';
import {
  type ArchiveCompression,
  encodeObject,
  encodeUsageEvent,
  type OtlpTraces,
  objectName,
  partitionOf,
  signUpload,
  type UsageEvent,
  uploadPath,
} from '../recordings/index.ts';
import type { HttpReply, HttpSend } from './httpSend.ts';

/** How an exporter of the data plane tries again. */
export interface RetryPolicy {
  readonly retries: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  readonly retryable: (status: number) => boolean;
}

/** Both exporters: 4 retries from 200 ms, doubling up to 5 s, on what may pass. */
export const EXPORTER_RETRY: RetryPolicy = {
  retries: 4,
  firstDelayMs: 200,
  maxDelayMs: 5_000,
  retryable: (status) => status >= 500 || status === 408 || status === 429,
};

/** `/dp/telemetry` is tried once: what fails is lost. */
export const NO_RETRY: RetryPolicy = { retries: 0, firstDelayMs: 0, maxDelayMs: 0, retryable: () => false };

/** What became of one batch. */
export interface Sent {
  /** True when it was answered 2xx. */
  readonly acked: boolean;
  /** Last answer; absent when none came. */
  readonly reply?: HttpReply;
  readonly tries: number;
}

/** Where to send, and what a test may replace. */
export interface Target {
  /** `http://host:port`. */
  readonly baseUrl: string;
  readonly send: HttpSend;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

export interface ObjectStoreTarget extends Target {
  readonly bucket: string;
  readonly prefix: string;
  readonly accessKey: string;
  readonly secret: string;
  readonly region: string;
  readonly compression?: ArchiveCompression;
  /** Epoch milliseconds, for the signature. */
  readonly now: () => number;
}

/** A batch as the `object_store` exporter uploads it; a retry goes to the same key under a new signature. */
export async function sendAsObjectStore(events: readonly UsageEvent[], target: ObjectStoreTarget): Promise<Sent> {
  const compression = target.compression ?? 'gzip';
  const body = encodeObject(events, compression);
  const partition = partitionOf(events[0]?.occurred_at ?? '');
  return putObject(uploadPath(target.bucket, target.prefix, partition, objectName(body, compression)), body, target);
}

/** A finished object to a raw path, signed now. */
export async function putObject(path: string, body: Uint8Array, target: ObjectStoreTarget): Promise<Sent> {
  const { accessKey, secret, region, baseUrl } = target;
  return withRetries(EXPORTER_RETRY, target, async () => {
    const date = new Date(target.now());
    const host = new URL(baseUrl).host;
    const headers = await signUpload({ url: path, body, accessKey, secret, region, date, host });
    return target.send({ method: 'PUT', baseUrl, path, headers, body });
  });
}

/** One post of the `otlp_http` exporter: JSON, not compressed; a retry is byte for byte the same. */
export function sendAsOtlp(traces: OtlpTraces, target: OtlpTarget): Promise<Sent> {
  return postTraces(JSON.stringify(traces), target);
}

export interface OtlpTarget extends Target {
  readonly token?: string;
}

/** A finished body to `/v1/traces`. */
export async function postTraces(body: string, target: OtlpTarget): Promise<Sent> {
  const headers = {
    'content-type': 'application/json',
    ...(target.token !== undefined && { authorization: `Bearer ${target.token}` }),
    accept: '*/*',
    'user-agent': 'aisix-dp/0.3.0',
    'accept-encoding': 'gzip',
  };
  return withRetries(EXPORTER_RETRY, target, () =>
    target.send({ method: 'POST', baseUrl: target.baseUrl, path: '/v1/traces', headers, body }),
  );
}

export interface TelemetryTarget extends Target {
  /** Bearer token; the data plane itself has none and shows a client certificate (`createHttpSend({ tls })`). */
  readonly token?: string;
  readonly environment?: string;
}

/** One batch to `/dp/telemetry`. */
export async function sendAsTelemetry(events: readonly UsageEvent[], target: TelemetryTarget): Promise<Sent> {
  const body = `{"events":[${events.map(encodeUsageEvent).join()}]}`;
  const headers = {
    'content-type': 'application/json',
    ...(target.token !== undefined && { authorization: `Bearer ${target.token}` }),
    ...(target.environment !== undefined && { 'x-aisix-environment': target.environment }),
    accept: '*/*',
    'user-agent': 'aisix-dp/0.3.0',
    'accept-encoding': 'gzip',
  };
  return withRetries(NO_RETRY, target, () =>
    target.send({ method: 'POST', baseUrl: target.baseUrl, path: '/dp/telemetry', headers, body }),
  );
}

async function withRetries(policy: RetryPolicy, target: Target, once: () => Promise<HttpReply>): Promise<Sent> {
  const sleep = target.sleep ?? delay;
  let wait = policy.firstDelayMs;
  for (let tries = 1; ; tries++) {
    const reply = await once().catch(() => undefined);
    if (reply !== undefined && reply.status >= 200 && reply.status < 300) return { acked: true, reply, tries };
    const mayPass = reply === undefined || policy.retryable(reply.status);
    if (!mayPass || tries > policy.retries) return { acked: false, ...(reply && { reply }), tries };
    await sleep(wait);
    wait = Math.min(wait * 2, policy.maxDelayMs);
  }
}
