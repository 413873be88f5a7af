import { gunzipSync, gzipSync } from 'node:zlib';
import type { ClientCall, ObjectUpload, OtlpPost, RecordedChange, TelemetryPost } from './load.ts';
import { objectName, partitionOf, uploadPath } from './objectKey.ts';
import type { UsageEvent } from './wire.ts';

/** Any part of a recording; what is left out is not shifted. */
export interface RecordingParts {
  readonly telemetry?: readonly TelemetryPost[];
  readonly objects?: readonly ObjectUpload[];
  readonly otlp?: readonly OtlpPost[];
  readonly client?: readonly ClientCall[];
  readonly changes?: readonly RecordedChange[];
}

/**
 * The shift in milliseconds that moves `endedAt` to the last moment not after `endAt`. Usage events carry whole
 * seconds, so the shift is whole seconds: else the distance between them and the true times would change.
 */
export function shiftBetween(endedAt: number, endAt: number): number {
  return Math.floor((endAt - endedAt) / 1000) * 1000;
}

/** Latest arrival of the parts, in epoch milliseconds (for the callers' feed: the latest end of a call). */
export function endOf(parts: RecordingParts): number {
  let end = Number.NEGATIVE_INFINITY;
  for (const feed of [parts.telemetry, parts.objects, parts.otlp]) {
    for (const { receivedAt } of feed ?? []) end = Math.max(end, receivedAt);
  }
  for (const call of parts.client ?? []) end = Math.max(end, call.t0 + call.ms);
  return end;
}

/**
 * Moves every time of a recording by one and the same whole number of seconds, so that its last delivery arrives at
 * `endAt` or less than a second before it. Uploads are re-encoded, renamed and keep their recorded headers, so sign
 * them again with `signUpload`.
 */
export function shiftTimes<Parts extends RecordingParts>(parts: Parts, endAt: number): Parts & { shiftMs: number } {
  const shiftMs = shiftBetween(endOf(parts), endAt);
  return {
    ...parts,
    ...(parts.telemetry && { telemetry: parts.telemetry.map((post) => shiftTelemetry(post, shiftMs)) }),
    ...(parts.objects && { objects: parts.objects.map((upload) => shiftObject(upload, shiftMs)) }),
    ...(parts.otlp && { otlp: parts.otlp.map((post) => shiftOtlp(post, shiftMs)) }),
    ...(parts.client && { client: parts.client.map((call) => ({ ...call, t0: call.t0 + shiftMs })) }),
    ...(parts.changes && { changes: parts.changes.map((change) => shiftChange(change, shiftMs)) }),
    shiftMs,
  };
}

/** RFC 3339 UTC in whole seconds, as the gateway writes it. */
export function wholeSeconds(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

export function shiftEvent(event: UsageEvent, shiftMs: number): UsageEvent {
  return { ...event, occurred_at: wholeSeconds(Date.parse(event.occurred_at) + shiftMs) };
}

export function shiftTelemetry(post: TelemetryPost, shiftMs: number): TelemetryPost {
  return {
    ...post,
    receivedAt: post.receivedAt + shiftMs,
    body: { events: post.body.events.map((event) => shiftEvent(event, shiftMs)) },
  };
}

const OCCURRED_AT = /"occurred_at":"([^"]+)"/g;

/** Shifts the lines of an upload in place: everything but the times stays byte for byte. */
export function shiftObject(upload: ObjectUpload, shiftMs: number): ObjectUpload {
  const text = gunzipSync(upload.body)
    .toString('utf8')
    .replace(OCCURRED_AT, (_, at: string) => `"occurred_at":"${wholeSeconds(Date.parse(at) + shiftMs)}"`);
  const body = gzipSync(text);
  const [, bucket = '', ...rest] = upload.url.split('/');
  const prefix = rest.slice(0, -3).join('/');
  const first = /"occurred_at":"([^"]+)"/.exec(text)?.[1] ?? '';
  return {
    ...upload,
    receivedAt: upload.receivedAt + shiftMs,
    url: uploadPath(bucket, prefix, partitionOf(first), objectName(body)),
    body,
  };
}

export function shiftOtlp(post: OtlpPost, shiftMs: number): OtlpPost {
  const shiftNanos = BigInt(shiftMs) * 1_000_000n;
  const shifted = (nanos: string) => String(BigInt(nanos) + shiftNanos);
  return {
    ...post,
    receivedAt: post.receivedAt + shiftMs,
    body: {
      resourceSpans: post.body.resourceSpans.map((resource) => ({
        ...resource,
        scopeSpans: resource.scopeSpans.map((scope) => ({
          ...scope,
          spans: scope.spans.map((span) => ({
            ...span,
            startTimeUnixNano: shifted(span.startTimeUnixNano),
            endTimeUnixNano: shifted(span.endTimeUnixNano),
          })),
        })),
      })),
    },
  };
}

const NANO_SECONDS = /TimeUnixNano":"(\d+)(\d{9})"/g;

/**
 * The body of one line of `otlp.ndjson.gz` with its times shifted by a whole number of seconds, as text: twenty times
 * cheaper than parsing it, for those who only pass it on.
 */
export function shiftOtlpText(line: string, shiftMs: number): string {
  const start = line.indexOf(',"body":') + ',"body":'.length;
  return line
    .slice(start, -1)
    .replace(
      NANO_SECONDS,
      (_, seconds: string, rest: string) => `TimeUnixNano":"${Number(seconds) + shiftMs / 1000}${rest}"`,
    );
}

export function shiftChange(change: RecordedChange, shiftMs: number): RecordedChange {
  return { ...change, occurred_at: new Date(Date.parse(change.occurred_at) + shiftMs).toISOString() };
}
