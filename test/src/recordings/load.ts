import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { OtlpTraces, UsageEvent } from './wire.ts';

/** Recordings that have every feed and the truth as the callers saw it. */
export const STORIES = ['story', 'story-2'] as const;
export type StoryName = (typeof STORIES)[number];
/** `suite` is breadth: every protocol, but only the telemetry and OTLP feeds. */
export const RECORDINGS = ['suite', ...STORIES] as const;
export type RecordingName = (typeof RECORDINGS)[number];

/** Identity in the client certificate of every recording. */
export const RECORDED_ENVIRONMENT = '0b6f6a52-6e0b-4b0e-9a55-0a4e2f0f2a11';
export const RECORDED_DATA_PLANE = '7d1f3c7e-1f0e-4f55-8a6f-2f6a1c9d4e21';
/** Made-up credentials that signed the recorded uploads. */
export const RECORDED_SIGNING = { accessKey: 'AKIDEXAMPLE', secret: 'secretexample', region: 'us-east-1' } as const;
/** Made-up bearer token that the recorded OTLP exporter sent. */
export const RECORDED_OTLP_TOKEN = 'collector-token';

/** One `POST /dp/telemetry`. */
export interface TelemetryPost {
  /** Epoch milliseconds of the arrival. */
  readonly receivedAt: number;
  /** The client certificate's subject alternative names. */
  readonly san: string;
  /** Absent in `suite`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: { readonly events: readonly UsageEvent[] };
}

/** One `PUT` of the `object_store` exporter. */
export interface ObjectUpload {
  readonly receivedAt: number;
  /** Raw path, percent-encoded as sent. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Gzip NDJSON, as received. */
  readonly body: Buffer;
}

/** One `POST /v1/traces` of the `otlp_http` exporter. */
export interface OtlpPost {
  readonly receivedAt: number;
  /** Absent in `suite`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: OtlpTraces;
}

/** What one caller saw of one request: the truth from outside. */
export interface ClientCall {
  /** Epoch milliseconds of the caller's clock. */
  readonly t0: number;
  /** Duration in milliseconds. */
  readonly ms: number;
  readonly status: number;
  readonly model: string;
  /** Short name of the caller key (`web`, `batch`, `mobile`, or a wrong one). */
  readonly key: string;
  /** `x-aisix-request-id`; null when the caller got none. */
  readonly id: string | null;
  readonly served: string | null;
  readonly cache: string | null;
  readonly stream: boolean;
  readonly traceparent?: string;
}

/** One configuration change of a story, with the answer key (`effect`). Values are unmasked on purpose. */
export interface RecordedChange {
  readonly n: number;
  readonly occurred_at: string;
  readonly action: 'create' | 'update' | 'delete';
  readonly resource: { readonly type: string; readonly id: string; readonly name: string };
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
  readonly revision: number;
  readonly actor: string;
  readonly effect: 'setup' | 'none' | 'fault' | 'fix' | 'rejected' | 'slow' | 'vanish';
  readonly note?: string;
}

export interface RecordingMeta {
  /** Epoch milliseconds of the first call; seconds of the script count from here. */
  readonly start: number;
  readonly end: number;
  readonly environment: string;
  /** Requests that the script made. */
  readonly requests: number;
  /** Resource ids at the end of the story by `kind/name`. */
  readonly ids: Readonly<Record<string, string>>;
}

const FIXTURES = new URL('../../fixtures/aisix/', import.meta.url);

/** Raw lines of one file of a recording, for those who want to parse them one by one. */
export function recordedLines(name: RecordingName, file: string): string[] {
  const bytes = readFileSync(new URL(`${name}/${file}`, FIXTURES));
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text.split('\n').filter((line) => line !== '');
}

interface RawLine {
  readonly at?: string;
  readonly received_at?: string;
}

function arrival(line: RawLine): number {
  return Date.parse(line.at ?? line.received_at ?? '');
}

/** Bodies of `POST /dp/telemetry` in order of arrival. */
export function loadTelemetry(name: RecordingName): TelemetryPost[] {
  return recordedLines(name, 'telemetry.ndjson.gz').map((text) => {
    const { san, headers, body, ...raw } = JSON.parse(text) as RawLine & Omit<TelemetryPost, 'receivedAt'>;
    return { receivedAt: arrival(raw), san, ...(headers && { headers }), body };
  });
}

/** All usage events of a recording in order of arrival. */
export function loadEvents(name: RecordingName): UsageEvent[] {
  return loadTelemetry(name).flatMap((post) => post.body.events);
}

/** Turns one line of `objects.ndjson.gz` into the upload that it records. */
export function parseObjectLine(text: string): ObjectUpload {
  const { url, headers, b64, ...raw } = JSON.parse(text) as RawLine &
    Pick<ObjectUpload, 'url' | 'headers'> & { readonly b64: string };
  return { receivedAt: arrival(raw), url, headers, body: Buffer.from(b64, 'base64') };
}

/** Signed uploads of the `object_store` exporter in order of arrival. */
export function loadObjects(name: StoryName): ObjectUpload[] {
  return recordedLines(name, 'objects.ndjson.gz').map(parseObjectLine);
}

/** Turns one line of `otlp.ndjson.gz` into the post that it records. */
export function parseOtlpLine(text: string): OtlpPost {
  const { headers, body, ...raw } = JSON.parse(text) as RawLine & Omit<OtlpPost, 'receivedAt'>;
  return { receivedAt: arrival(raw), ...(headers && { headers }), body };
}

/** Bodies of `POST /v1/traces` of the `otlp_http` exporter in order of arrival. */
export function loadOtlp(name: RecordingName): OtlpPost[] {
  return recordedLines(name, 'otlp.ndjson.gz').map(parseOtlpLine);
}

/** What each caller saw, in order of the call. */
export function loadClient(name: StoryName): ClientCall[] {
  return recordedLines(name, 'client.ndjson.gz').map((text) => JSON.parse(text) as ClientCall);
}

/** Every configuration change of a story in order. */
export function loadChanges(name: StoryName): RecordedChange[] {
  return recordedLines(name, 'changes.ndjson').map((text) => JSON.parse(text) as RecordedChange);
}

/** Start, end and resource ids of a story. */
export function loadMeta(name: StoryName): RecordingMeta {
  const [first, last] = recordedLines(name, 'meta.ndjson').map((text) => JSON.parse(text) as Record<string, unknown>);
  return {
    start: Date.parse(String(first?.start)),
    end: Date.parse(String(last?.end)),
    environment: String(first?.env),
    requests: Number(last?.requests),
    ids: last?.ids as Record<string, string>,
  };
}
