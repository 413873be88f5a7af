import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DecodeContext } from './context.ts';
import { REFUSAL_CODES } from './refusals.ts';
import { createCounter } from './testing/counter.ts';
import { processorMillis, RUNAWAY_MILLIS } from './testing/processorMillis.ts';
import { protobufOf } from './testing/protobufOf.ts';
import { AFTER_RECORDINGS, recordedTelemetry, recordedTraces } from './testing/recordings.ts';
import { decodeTraces } from './traces.ts';
import { decodeTracesProtobuf } from './tracesProtobuf.ts';
import { decodeUsageEvents } from './usageEvents.ts';
import { decodeUsageNdjson } from './usageNdjson.ts';

const ctx: DecodeContext = { input: 'archive', recorder: createCounter(), now: AFTER_RECORDINGS, keepRefused() {} };
const events = recordedTelemetry('suite').flatMap((batch) => batch.events);
const posts = recordedTraces('suite');

function bounded<T>(decode: () => T): T {
  let decoded: T | undefined;
  const taken = processorMillis(() => {
    decoded = decode();
  });
  expect(taken).toBeLessThan(RUNAWAY_MILLIS);
  return decoded as T;
}

function expectKnownCodes(refused: readonly { readonly code: string }[]): void {
  for (const { code } of refused) expect(REFUSAL_CODES).toHaveProperty(code);
}

/** Values that parsers dislike. */
const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom(null, '', -1, 1e308, -0, 2 ** 53, true, [], {}, '\u0000', '\ud800', 'x'.repeat(5000)),
  fc.string({ unit: 'binary', maxLength: 300 }),
);

describe('arbitrary input never throws', () => {
  it('arbitrary events', () => {
    fc.assert(
      fc.property(fc.array(odd, { maxLength: 20 }), (list) => {
        const { reports, refusedCount, refused } = bounded(() => decodeUsageEvents(list, ctx));
        expect(reports.length + refusedCount).toBe(list.length);
        expectKnownCodes(refused);
      }),
      { numRuns: 300 },
    );
  });

  it('recorded events with fields changed', () => {
    fc.assert(
      fc.property(fc.nat(events.length - 1), fc.array(fc.tuple(fc.nat(40), odd), { maxLength: 6 }), (at, changes) => {
        const event: Record<string, unknown> = { ...events[at] };
        const names = Object.keys(event);
        for (const [name, value] of changes) event[names[name % names.length] ?? 'x'] = value;
        const { reports, refused } = bounded(() => decodeUsageEvents([event], ctx));
        expect(reports.length + refused.length).toBe(1);
        expectKnownCodes(refused);
        expect(() => JSON.stringify(reports)).not.toThrow();
        for (const value of strings(reports)) expect(value.isWellFormed()).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('arbitrary bytes and mutated recordings as NDJSON', () => {
    const recorded = Buffer.from(
      events
        .slice(0, 30)
        .map((event) => JSON.stringify(event))
        .join('\n'),
    );
    fc.assert(
      fc.property(mutated(recorded), (bytes) => {
        expectKnownCodes(bounded(() => decodeUsageNdjson(bytes, ctx)).refused);
      }),
      { numRuns: 300 },
    );
  });

  it('arbitrary trace requests', () => {
    const span = fc.dictionary(
      fc.constantFrom('traceId', 'spanId', 'kind', 'attributes', 'startTimeUnixNano', 'flags'),
      odd,
    );
    const scope = fc.oneof(odd, fc.constant({ name: 'aisix-obs.otlp_http_sink' }));
    const scoped = fc.oneof(odd, fc.record({ scope, spans: fc.oneof(odd, fc.array(fc.oneof(odd, span))) }));
    const request = fc.oneof(
      odd,
      fc.record({ resourceSpans: fc.array(fc.oneof(odd, fc.record({ scopeSpans: fc.array(scoped) }))) }),
    );
    fc.assert(
      fc.property(request, (value) => expectKnownCodes(bounded(() => decodeTraces(value, ctx)).refused)),
      { numRuns: 300 },
    );
  });

  it('arbitrary bytes and mutated recordings as protobuf', () => {
    const [post] = posts;
    if (post === undefined) throw new Error('no recording');
    fc.assert(
      fc.property(mutated(Buffer.from(protobufOf(post))), (bytes) => {
        const { refused, unreadable } = bounded(() => decodeTracesProtobuf(bytes, ctx));
        expectKnownCodes(unreadable === undefined ? refused : [unreadable]);
      }),
      { numRuns: 500 },
    );
  });
});

/** Bytes of their own, or a recording with some bytes changed, cut out or doubled. */
function mutated(recorded: Buffer): fc.Arbitrary<Buffer> {
  const place = fc.nat(recorded.length - 1);
  const changed = fc.array(fc.tuple(place, fc.nat(255)), { maxLength: 20 }).map((changes) => {
    const bytes = Buffer.from(recorded);
    for (const [at, byte] of changes) bytes[at] = byte;
    return bytes;
  });
  const spliced = fc
    .tuple(place, place, place)
    .map(([a, b, c]) => Buffer.concat([recorded.subarray(0, a), recorded.subarray(b, b + 500), recorded.subarray(c)]));
  return fc.oneof(
    fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes)),
    changed,
    spliced,
  );
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : [];
}
