import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Attempt, GatewayRequest } from '../../model/request.ts';
import { ALWAYS, everything, readAll, searchAll } from './answers.ts';
import { FIRST_DAY } from './arbitraryRequest.ts';
import { exampleRequest } from './exampleRequest.ts';
import { type Conformance, Rig } from './rig.ts';

/** Any letters, as whole pairs; control characters do not get past the decoder, and U+0000 ends a text in many engines. */
const anyText = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    fc.string({ unit: 'binary', minLength: 1_500, maxLength: 2_048 }),
  )
  .map((text) => text.replaceAll('\u0000', ' '));

const anyAmount = fc.oneof(
  fc.double({ min: 0, max: 1e12, noNaN: true }),
  fc.constantFrom(0, 5e-324, 0.1 + 0.2, 2 ** 53, 1e12),
);
const anyCount = fc.oneof(fc.nat({ max: 0xffff_ffff }), fc.constantFrom(2 ** 31, 0xffff_ffff));

/** As long and as exact as the decoder lets it be. */
export function describeExtremes(conformance: Conformance): void {
  describe('extremes', () => {
    let rig: Rig;
    let environment: string;
    let made = 0;
    beforeAll(async () => {
      rig = await Rig.open(conformance);
    });
    afterAll(() => rig?.close());

    const expectKept = async (given: Partial<GatewayRequest>) => {
      environment = `environment-${++made}`;
      const request = exampleRequest({ environment, ...given });
      await rig.apply([request]);
      expect(await searchAll(rig.store, everything(environment))).toEqual([request]);
      expect((await readAll(rig.store, { ...ALWAYS, limit: 1_000 })).at(-1)).toEqual(request);
    };

    it('any text is kept, and found by itself', async () => {
      await fc.assert(
        fc.asyncProperty(anyText, anyText, async (one, two) => {
          await expectKept({
            requestId: one,
            errorMessage: two,
            client: { userAgent: one },
            attempts: [{ ...attempt(0), errorMessage: one, model: two }],
            extra: { [one]: two },
          });
          const conditions = [
            ['requestId', 'eq', one],
            ['errorMessage', 'contains', two],
            ['attempt.model', 'in', [two]],
            ['attempt.errorMessage', 'eq', one],
          ] as const;
          const filters = conditions.map(([field, op, value]) => ({ field, op, value }));
          expect(await searchAll(rig.store, { ...everything(environment), filters, text: one })).toHaveLength(1);
        }),
        { numRuns: conformance.runs },
      );
    });

    it('any number is kept to its last digit', async () => {
      const time = fc.double({ min: FIRST_DAY, max: FIRST_DAY + 1_000, noNaN: true });
      await fc.assert(
        fc.asyncProperty(time, time, anyAmount, anyAmount, anyCount, async (start, end, one, two, count) => {
          await expectKept({
            startTime: start,
            endTime: end,
            durationMs: one,
            ttftMs: two,
            costUsd: one,
            status: 599,
            tokens: { input: count, output: 0, cacheRead: count },
            attempts: [{ ...attempt(0), startTime: start, endTime: end, durationMs: two, ttftMs: one }],
            cache: { status: 'hit', similarity: two },
          });
        }),
        { numRuns: conformance.runs },
      );
    });

    it('many attempts with much to say', async () => {
      const attempts = Array.from({ length: 300 }, (_, index) => ({
        ...attempt(index),
        errorMessage: `${index} `.repeat(500),
        ...(index % 3 === 0 && { model: `model ${index}` }),
        ...(index % 2 === 0 && { tokens: { input: index } }),
      }));
      await expectKept({ attempts });
      const last = [{ field: 'attempt.model', op: 'eq', value: 'model 297' }] as const;
      expect(await searchAll(rig.store, { ...everything(environment), filters: last })).toHaveLength(1);
    });
  });
}

function attempt(index: number): Attempt {
  return {
    index,
    kind: 'retry',
    outcome: 'provider_error',
    startTime: FIRST_DAY,
    endTime: FIRST_DAY,
    durationMs: 0,
    dispatched: true,
  };
}
