import { type Attributes, SpanKind, TraceFlags } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BuiltSpan } from './builtSpan.ts';
import { createProtobufSpans } from './protobufSpans.ts';
import { LATEST_MILLIS } from './times.ts';

const hex = (digits: number) =>
  fc
    .array(fc.integer({ min: 0, max: 15 }), { minLength: digits, maxLength: digits })
    .map((values) => values.map((value) => value.toString(16)).join(''));
/** Lone surrogates too, and lengths on both sides of what one and two bytes count. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.constantFrom('', 'é', '\ud800', 'a'.repeat(127), 'a'.repeat(128), 'é'.repeat(64), 'x'.repeat(16_384)),
);
const value = fc.oneof(
  text,
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.integer(),
  // Whole numbers beyond what a double counts are left to the original.
  fc.double({ noInteger: true }),
  fc.constantFrom(0, -0, -1, 127, 128, 2 ** 31, 2 ** 32, -(2 ** 32), 2 ** 53 - 1),
  fc.array(text, { maxLength: 5 }),
);
const attributes = fc.dictionary(text, value, { maxKeys: 8 }) as fc.Arbitrary<Attributes>;
const context = fc.record({ traceId: hex(32), spanId: hex(16), traceFlags: fc.constant(TraceFlags.SAMPLED) });
const time = fc.double({ min: 0, max: LATEST_MILLIS, noNaN: true });
const span = fc
  .record({
    traceId: hex(32),
    spanId: hex(16),
    kind: fc.constantFrom(SpanKind.SERVER, SpanKind.CLIENT),
    name: text,
    parent: fc.option(fc.record({ context, isRemote: fc.boolean() }), { nil: undefined }),
    interval: fc.tuple(time, time),
    status: fc.record({ code: fc.constantFrom(0, 1, 2), message: text }),
    attributes,
    links: fc.array(fc.record({ context, attributes }), { maxLength: 2 }),
    place: fc.integer({ min: 0, max: 2 }),
  })
  .map(
    ({ traceId, parent, place, ...parts }): ReadableSpan =>
      new BuiltSpan(
        {
          traceId,
          traceState: undefined,
          resource: RESOURCES[place] ?? resourceFromAttributes({}),
          scope: SCOPES[place] ?? { name: 'other' },
        },
        { ...parts, parent: parent && { ...parent.context, isRemote: parent.isRemote } },
      ),
  );
const RESOURCES = [
  resourceFromAttributes({ 'service.name': 'gateway' }),
  resourceFromAttributes({ é: 'x'.repeat(300) }),
];
const SCOPES = [{ name: 'scope', version: '1.0' }, { name: 's'.repeat(200) }];

it('writes what OpenTelemetry’s serialiser writes, byte for byte, batch after batch', () => {
  const serialize = createProtobufSpans();
  fc.assert(
    fc.property(fc.array(span, { maxLength: 12 }), (spans) => {
      const ours = serialize(spans);
      const theirs = ProtobufTraceSerializer.serializeRequest(spans) ?? new Uint8Array();
      expect(ours).toBeDefined();
      expect(Buffer.compare(Buffer.from(ours ?? []), Buffer.from(theirs))).toBe(0);
    }),
    { numRuns: 500 },
  );
});

it('leaves to the original what spans of this project never have, and is ready for the next batch', () => {
  const serialize = createProtobufSpans();
  const [plain] = fc.sample(span, { seed: 1, numRuns: 1 });
  if (plain === undefined) throw new Error('no span');
  const before = serialize([plain]);
  const withEvent = {
    ...plain,
    spanContext: () => plain.spanContext(),
    events: [{ name: 'e', time: [0, 0] as [number, number] }],
  };
  expect(serialize([plain, withEvent])).toBeUndefined();
  const huge = { ...plain, spanContext: () => plain.spanContext(), attributes: { huge: 2 ** 60 } };
  expect(serialize([huge])).toBeUndefined();
  expect(serialize([plain])).toEqual(before);
});
