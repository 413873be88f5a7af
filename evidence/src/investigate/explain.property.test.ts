import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Catalogue, CatalogueEntry } from '../model/catalogue.ts';
import type { ConfigChange } from '../model/change.ts';
import type { GatewayRequest } from '../model/request.ts';
import { arbitraryRequest } from '../store/conformance/arbitraryRequest.ts';
import { explainRequest } from './explain.ts';
import { OUTCOME_CLASSES } from './outcomeClass.ts';

const KINDS = [
  'model',
  'api_key',
  'provider_key',
  'guardrail',
  'guardrail_attachment',
  'rate_limit_policy',
  'cache_policy',
  'budget',
  'team',
];

/** Documents of any shape: a newer gateway writes what nobody foresaw. */
const document = fc.oneof(
  fc.dictionary(
    fc.constantFrom(
      'routing',
      'ensemble',
      'semantic',
      'provider_key_id',
      'conditions',
      'scope',
      'timeout',
      'allowed_models',
    ),
    fc.jsonValue(),
  ),
  fc.record({
    routing: fc.record({ targets: fc.array(fc.record({ model: fc.constantFrom('a', 'gpt-4o', 'smart', 'loop') })) }),
    provider_key_id: fc.constantFrom('pk-1', 'none'),
  }),
);

/** Resources under the words that the request uses, and under others. */
function entriesFor({
  requestedModel,
  apiKeyId,
  attempts,
  environment,
}: GatewayRequest): fc.Arbitrary<CatalogueEntry[]> {
  const words = [
    requestedModel,
    apiKeyId,
    ...attempts.flatMap(({ model, modelId }) => [model, modelId]),
    'pk-1',
    'loop',
  ];
  const word = fc.constantFrom(...words.filter((one) => one !== undefined));
  return fc.array(
    fc.record({
      kind: fc.constantFrom(...KINDS),
      id: word,
      name: word,
      environment: fc.constant(environment),
      revision: fc.nat({ max: 3 }),
      value: document,
    }),
    { maxLength: 12 },
  );
}

const given = arbitraryRequest.chain((request) =>
  fc.record({
    request: fc.constant(request),
    desired: entriesFor(request),
    served: fc.dictionary(fc.constantFrom('dp-1', 'dp-2'), entriesFor(request), { maxKeys: 2 }),
    complete: fc.boolean(),
    changes: fc.array(
      fc.record({
        before: fc.integer({ min: -100_000, max: 100_000_000 }),
        kind: fc.constantFrom(...KINDS, 'environment'),
        name: fc.constantFrom(request.requestedModel ?? 'gpt-4o', 'pk-1', 'stranger'),
        action: fc.constantFrom('create', 'update', 'delete') as fc.Arbitrary<ConfigChange['action']>,
        state: fc.constantFrom('applied', 'rejected', 'unknown') as fc.Arbitrary<ConfigChange['state']>,
        inForce: fc.boolean(),
        seenSince: fc.option(fc.nat({ max: 1_000_000 }), { nil: undefined }),
      }),
      { maxLength: 6 },
    ),
    silences: fc.array(
      fc.record(
        {
          feed: fc.constant('cache'),
          dataPlane: fc.constantFrom('dp-1', 'dp-2'),
          from: fc.nat({ max: 100_000 }).map((before) => request.startTime - before),
          to: fc.nat({ max: 100_000 }).map((after) => request.startTime + after),
        },
        { requiredKeys: ['feed', 'from'] },
      ),
      { maxLength: 2 },
    ),
  }),
);

it('whatever is known, every request has a class that its record allows, with a reason', () => {
  fc.assert(
    fc.property(given, ({ request, desired, served, complete, changes, silences }) => {
      const catalogue: Catalogue = {
        environment: request.environment,
        at: request.startTime,
        desired,
        inForce: served,
        complete,
      };
      const made = changes.map(({ before, kind, name, action, state, inForce, seenSince }, index): ConfigChange => {
        const at = request.startTime - before;
        return {
          id: `c-${index}`,
          occurredAt: at,
          observedAt: at,
          effective: inForce ? [{ dataPlane: 'dp-1', at: at + 200 }] : [],
          action,
          resource: { kind, id: name, name },
          environment: request.environment,
          paths: [],
          result: 'success',
          trust: 'observed',
          state,
          foundLate: false,
          conflict: false,
          source: 'watcher',
          ...(seenSince !== undefined && { observedBetween: [at - seenSince, at] as const }),
        };
      });
      const said = explainRequest({ request, catalogue, changes: made, silences });
      expect(Object.keys(OUTCOME_CLASSES)).toContain(said.outcomeClass);
      expect(said.sentence.endsWith('.')).toBe(true);
      expect(said.attempts).toHaveLength(request.attempts.length);
      const { status = 0, attempts, outcome } = request;
      if (said.outcomeClass === 'caller') {
        expect(['caller_auth', 'not_found', 'invalid_request']).toContain(outcome);
        expect([status < 500, attempts.length]).toEqual([true, 0]);
      }
      if (outcome === 'success') expect(said.outcomeClass).toBe('served');
      // Newest first, and none from after the request.
      const times = said.changes.map(({ change }) => change.occurredAt);
      expect(times).toEqual(times.toSorted((a, b) => b - a));
      const earliest = said.changes.map(({ change: { occurredAt, observedBetween } }) =>
        Math.min(occurredAt, observedBetween?.[0] ?? occurredAt),
      );
      expect(earliest.every((time) => time <= request.startTime + 500)).toBe(true);
      expect([said.sentence, said.changesSentence].join('')).not.toMatch(/undefined|NaN|Infinity/);
      // The order in which changes and resources are handed in says nothing.
      const turned = explainRequest({ request, catalogue, changes: made.toReversed(), silences });
      expect(turned).toEqual(said);
    }),
    { numRuns: 300 },
  );
});
