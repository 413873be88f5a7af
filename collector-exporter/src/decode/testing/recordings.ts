import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** The recordings of a real gateway, read as files: this room knows no other way to them. */
const FIXTURES = new URL('../../../../test/fixtures/aisix/', import.meta.url);

export const RECORDED_ENVIRONMENT = '0b6f6a52-6e0b-4b0e-9a55-0a4e2f0f2a11';
export const RECORDED_DATA_PLANE = '7d1f3c7e-1f0e-4f55-8a6f-2f6a1c9d4e21';

export type Recording = 'suite' | 'story' | 'story-2';
export const RECORDINGS: readonly Recording[] = ['suite', 'story', 'story-2'];

/** Numbers of what was recorded, counted when it was made. */
export const RECORDED = {
  suite: { events: 1104, posts: 249, spans: 1694 },
  story: { events: 13_477, posts: 661, spans: 37_307 },
  'story-2': { events: 17_361, posts: 661, spans: 47_383 },
} as const satisfies Record<Recording, unknown>;

/** A moment after every recording. */
export const AFTER_RECORDINGS = Date.parse('2026-11-23T12:00:00Z');

/** A usage event as it came. */
export type RecordedEvent = Record<string, unknown>;

export interface RecordedUpload {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly b64: string;
}

export interface RecordedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
}

export interface RecordedTraces {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string };
      readonly spans: readonly RecordedSpan[];
    }[];
  }[];
}

function lines<T>(path: string): T[] {
  const bytes = readFileSync(new URL(path, FIXTURES));
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

/** Bodies of `POST /dp/telemetry`. */
export function recordedTelemetry(recording: Recording): { readonly events: RecordedEvent[] }[] {
  return lines<{ body: { events: RecordedEvent[] } }>(`${recording}/telemetry.ndjson.gz`).map(({ body }) => body);
}

/** Bodies of `POST /v1/traces`. */
export function recordedTraces(recording: Recording): RecordedTraces[] {
  return lines<{ body: RecordedTraces }>(`${recording}/otlp.ndjson.gz`).map(({ body }) => body);
}

/** Signed uploads of the `object_store` exporter. */
export function recordedUploads(recording: 'story' | 'story-2'): RecordedUpload[] {
  return lines<RecordedUpload>(`${recording}/objects.ndjson.gz`);
}

/** Every secret that stands in the recorded changes: none may come out of decoding. */
export function recordedSecrets(): string[] {
  const found = new Set(['sk-good-A', 'sk-rotated-wrong']);
  for (const recording of ['story', 'story-2'] as const) {
    const text = JSON.stringify(lines(`${recording}/changes.ndjson`));
    for (const [, value] of text.matchAll(/"(?:secret|api_key|key_hash)":"([^"]+)"/g)) if (value) found.add(value);
  }
  return [...found];
}
