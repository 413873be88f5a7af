import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FIELDS, filterOn } from '../../conformance/arbitraryQuery.ts';
import { arbitraryRequest } from '../../conformance/arbitraryRequest.ts';
import { OPERATORS_OF_TYPE, REQUEST_FIELDS } from '../../fields.ts';
import type { JsonObject } from '../../memory/json.ts';
import { conditionOf } from '../../memory/matches.ts';
import type { RequestFilter } from '../../query.ts';
import { isFailed, onlyFailed } from './failed.ts';

const REQUESTS = fc.sample(arbitraryRequest, { seed: 20_261_126, numRuns: 300 });

const anyFilter = fc.constantFrom(...FIELDS).chain((field) => {
  const { type } = REQUEST_FIELDS[field];
  return fc.constantFrom(...OPERATORS_OF_TYPE[type]).chain((op) => filterOn(field, op, REQUESTS));
});
const decidingFilter = fc
  .constantFrom('outcome' as const, 'status' as const, 'errorClass' as const, 'errorMessage' as const)
  .chain((field) =>
    fc.constantFrom(...OPERATORS_OF_TYPE[REQUEST_FIELDS[field].type]).chain((op) => filterOn(field, op, REQUESTS)),
  );

it('no filter that is said to hold for failed requests only holds for another', () => {
  let pruned = 0;
  fc.assert(
    fc.property(fc.oneof(anyFilter, decidingFilter), (filter) => {
      if (!onlyFailed([filter])) return;
      pruned += 1;
      const holds = conditionOf([filter], undefined);
      for (const request of REQUESTS) if (holds(request as unknown as JsonObject)) expect(isFailed(request)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
  expect(pruned).toBeGreaterThan(50);
});

it.each<[RequestFilter, boolean]>([
  [{ field: 'outcome', op: 'eq', value: 'provider_error' }, true],
  [{ field: 'outcome', op: 'eq', value: 'success' }, false],
  [{ field: 'outcome', op: 'in', value: ['success', 'provider_error'] }, false],
  [{ field: 'outcome', op: 'neq', value: 'success' }, true],
  [{ field: 'outcome', op: 'contains', value: 'provider' }, false],
  [{ field: 'status', op: 'eq', value: 502 }, true],
  [{ field: 'status', op: 'gte', value: 400 }, true],
  [{ field: 'status', op: 'gte', value: 399 }, false],
  [{ field: 'status', op: 'neq', value: 200 }, false],
  [{ field: 'errorClass', op: 'exists', value: true }, true],
  [{ field: 'errorClass', op: 'exists', value: false }, false],
  [{ field: 'errorClass', op: 'neq', value: 'timeout' }, false],
])('%j: %j', (filter, expected) => {
  expect(onlyFailed([filter])).toBe(expected);
});
