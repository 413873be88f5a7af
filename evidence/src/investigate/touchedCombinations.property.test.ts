import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classesOf } from './cells.ts';
import { prepareEvidence } from './evidence.ts';
import type { RequestRow } from './model.ts';
import { packWindow, unpackWindow } from './packedWindow.ts';
import { type Clause, type Touch, touches } from './touch.ts';
import { anyTouched, touchedCombinations } from './touchedCombinations.ts';
import { createWindow } from './window.ts';

const name = fc.constantFrom('a', 'b', 'c', 'd', '');
const optional = fc.option(name, { nil: undefined });
const FROM = 1_000_000;

const row: fc.Arbitrary<RequestRow> = fc.record({
  startTime: fc.integer({ min: FROM, max: FROM + 1_000 }),
  durationMs: fc.nat({ max: 100 }),
  reconstructed: fc.boolean(),
  outcome: fc.constantFrom('success', 'provider_error'),
  requestedModel: optional,
  modelId: optional,
  apiKeyId: optional,
  apiKeyName: optional,
  dataPlane: optional,
  protocol: optional,
  stream: fc.boolean(),
  cacheHit: fc.boolean(),
  mcpServer: optional,
  a2aAgent: optional,
  passthroughRoute: optional,
  jwtProvider: optional,
  jwtClaimMapping: optional,
  attempts: fc.array(
    fc.record({ modelId: optional, providerKeyLabel: optional, outcome: fc.constantFrom('success', 'provider_error') }),
    { maxLength: 2 },
  ),
});

const set = fc.option(
  fc.uniqueArray(name, { maxLength: 3 }).map((names) => new Set(names)),
  { nil: undefined, freq: 2 },
);
const clause: fc.Arbitrary<Clause> = fc
  .record({
    all: fc.option(fc.constant(true), { nil: undefined, freq: 6 }),
    models: set,
    modelIds: set,
    apiKeyIds: set,
    apiKeyNames: set,
    providerKeyLabels: set,
    mcpServers: set,
    a2aAgents: set,
    passthroughRoutes: set,
    jwtProviders: set,
    jwtClaimMappings: set,
    protocols: set,
  })
  .map((parts) => Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)));
const touch: fc.Arbitrary<Touch> = fc.record({ clauses: fc.array(clause, { maxLength: 3 }), weak: fc.boolean() });

const windowOf = (rows: readonly RequestRow[]) => {
  const window = createWindow({ environment: 'prod', from: FROM, to: FROM + 1_001 });
  for (const one of rows) window.add(one);
  return window.build();
};
const evidenceOf = (rows: readonly RequestRow[]) =>
  prepareEvidence({ window: windowOf(rows), changes: [], config: { at: () => [] } });

describe('what is asked once per different value', () => {
  it('is what is asked of each combination', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), fc.array(touch, { maxLength: 4 }), (rows, all) => {
        const evidence = evidenceOf(rows);
        const touched = all.map((one) => touchedCombinations(evidence, one));
        for (const [place, one] of all.entries()) {
          const asked = evidence.combinations.map(({ shape, result }) => (touches(one, shape, result) ? 1 : 0));
          expect([...(touched[place] ?? [])]).toEqual(asked);
        }
        const any = evidence.combinations.map((_, number) => Math.max(0, ...touched.map((one) => one[number] ?? 0)));
        expect([...anyTouched(evidence, touched)]).toEqual(any);
      }),
      { numRuns: 150 },
    );
  });

  it('leaves combinations in one class only when nothing tells them apart', () => {
    const bits = fc.array(fc.nat({ max: 1 }), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 5 }), (all) => {
        const { of, count } = classesOf(
          12,
          all.map((one) => Uint8Array.from(one)),
        );
        const told = Array.from({ length: 12 }, (_, number) => all.map((one) => one[number]).join(''));
        for (const [number, text] of told.entries()) {
          for (const [other, otherText] of told.entries()) {
            expect(of[number] === of[other]).toBe(text === otherText);
          }
        }
        expect(count).toBe(new Set(told).size);
      }),
      { numRuns: 100 },
    );
  });

  it('finds every combination and its parts again', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), (rows) => {
        const { window, combination, combinations, shapeNumber, resultNumber } = evidenceOf(rows);
        for (let at = 0; at < window.length; at++) {
          const number = combination[at] ?? -1;
          expect([shapeNumber[number], resultNumber[number]]).toEqual([window.shape[at], window.result[at]]);
          expect(combinations[number]?.shape).toBe(window.shapes[window.shape[at] ?? -1]);
        }
        expect(new Set(combinations.map((_, at) => `${shapeNumber[at]} ${resultNumber[at]}`)).size).toBe(
          combinations.length,
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('a packed window', () => {
  it('is the window, also after it crossed to another thread', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), (rows) => {
        const window = windowOf(rows);
        expect(unpackWindow(structuredClone(packWindow(window)))).toEqual(window);
      }),
      { numRuns: 100 },
    );
  });
});
