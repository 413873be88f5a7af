import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ConfigChange } from '../model/change.ts';
import { CHANGE_ACTIONS } from '../model/change.ts';
import { REASONS, type SilentSpan, VERDICTS } from './answers.ts';
import { rankSuspects } from './rankSuspects.ts';
import {
  BLOCKED,
  change,
  DOWN,
  END,
  evidenceOf,
  FORBIDDEN,
  LIMITED,
  MINUTE,
  OK,
  REFUSED_KEY,
  row,
  T0,
} from './testing/exampleWindow.ts';
import { weighChange } from './weighChange.ts';

const KINDS = [
  'model',
  'provider_key',
  'api_key',
  'guardrail',
  'rate_limit_policy',
  'budget',
  'team',
  'environment',
  'tomorrow',
];
const IDS = ['id-one', 'id-two', 'pk-a', 'id-web', 'id-batch', 'id-words', 'id-new'];
const NAMES = ['one', 'two', 'a-main', 'web', 'batch', 'words', 'new'];
const PATHS = [
  '/secret',
  '/timeout',
  '/api_base',
  '/display_name',
  '/allowed_models',
  '/routing/targets/0/model',
  '/patterns',
  '/x',
];
const ENDINGS = [OK, OK, OK, OK, REFUSED_KEY, DOWN, FORBIDDEN, BLOCKED, LIMITED];

const value = fc.oneof(
  fc.constantFrom('one', 'two', 'hmac:000000000001', undefined),
  fc.integer(),
  fc.array(fc.constantFrom('one', '*')),
);
const offset = fc.integer({ min: -30 * MINUTE, max: 20 * MINUTE });
const interval = fc
  .tuple(offset, fc.integer({ min: 0, max: 10 * MINUTE }))
  .map(([from, length]) => [T0 + from, T0 + from + length] as const);

/** A change of anything, told by anybody, with clocks that are anywhere. */
const anyChange = fc
  .record({
    at: offset,
    action: fc.constantFrom(...CHANGE_ACTIONS),
    resource: fc.record(
      { kind: fc.constantFrom(...KINDS), id: fc.constantFrom(...IDS), name: fc.constantFrom(...NAMES) },
      { requiredKeys: ['kind'] },
    ),
    paths: fc.array(fc.tuple(fc.constantFrom(...PATHS), value, value), { maxLength: 3 }),
    effective: fc.array(fc.record({ dataPlane: fc.constantFrom('dp-1', 'dp-2'), at: offset.map((at) => T0 + at) }), {
      maxLength: 2,
    }),
    state: fc.constantFrom('applied', 'rejected', 'superseded', 'unknown') as fc.Arbitrary<ConfigChange['state']>,
    observed: fc.option(interval, { nil: undefined }),
    trust: fc.constantFrom('signed', 'polled', 'observed') as fc.Arbitrary<ConfigChange['trust']>,
  })
  .map(({ resource, paths, observed, ...given }) =>
    change('', resource, paths, { ...given, ...(observed !== undefined && { observedBetween: observed }) }),
  );

/** Traffic that fails anyhow, from nothing to a request every other second. */
const rows = fc
  .record({
    every: fc.constantFrom(2_000, 10_000, 60_000, 600_000, Number.POSITIVE_INFINITY),
    ends: fc.array(fc.constantFrom(...ENDINGS), { minLength: 1, maxLength: 12 }),
    from: offset,
  })
  .map(({ every, ends, from }) => {
    const made = [];
    for (let at = from, index = 0; at < 20 * MINUTE && Number.isFinite(every); at += every, index++) {
      const key = index % 3 === 0 ? 'web' : 'batch';
      made.push(row(at, index % 2 === 0 ? 'one' : 'three', key, ends[Math.floor(index / 7) % ends.length]));
    }
    return made;
  });

const silent = fc.array(
  interval.map(([from, to]): SilentSpan => ({ feed: 'f', of: 'changes', dataPlane: 'dp-1', from, to })),
  { maxLength: 2 },
);

/** What a sentence must not say. */
const UNSAID = /undefined|null|NaN|Infinity|\[object/;

it('whatever is told: a verdict of the list with its reason, in words, and ranks that add up', () => {
  fc.assert(
    fc.property(
      rows,
      fc.array(anyChange, { minLength: 1, maxLength: 6 }),
      silent,
      fc.integer({ min: -10, max: 25 }),
      (traffic, drawn, spans, minutes) => {
        const changes = drawn.map((one, index) => ({ ...one, id: `c${index}` }));
        const now = T0 + minutes * MINUTE;
        const evidence = evidenceOf(traffic, changes, { silent: spans });
        for (const one of changes) {
          const { verdict, reason, sentence, indicators, settled, nextLookAt } = weighChange(evidence, one, now);
          expect(VERDICTS).toContain(verdict);
          expect(REASONS).toContain(reason);
          expect(sentence).not.toMatch(UNSAID);
          expect(sentence.endsWith('.')).toBe(true);
          // What is not settled is looked at again, at a time that is known.
          if (!settled) expect(nextLookAt).toBeGreaterThan(now - 1);
          for (const { before, after, probabilityWorse, probabilityBetter } of indicators) {
            expect([before.bad <= before.total, after.bad <= after.total]).toEqual([true, true]);
            for (const one of [probabilityWorse, probabilityBetter]) expect(one).toBeGreaterThanOrEqual(0);
          }
        }
        for (const query of [{}, { start: now }]) {
          for (const { sentence, candidates } of rankSuspects(evidence, query, END)) {
            expect(sentence).not.toMatch(UNSAID);
            expect(candidates.map(({ sentence: why }) => why).join('\n')).not.toMatch(UNSAID);
            expect(candidates.reduce((sum, { relative }) => sum + relative, 0)).toBeCloseTo(1);
          }
        }
      },
    ),
    { numRuns: 150 },
  );
});
