import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { GatewayRequest } from '../../../model/request.ts';
import { FIELDS, filterOn } from '../../conformance/arbitraryQuery.ts';
import { arbitraryRequest } from '../../conformance/arbitraryRequest.ts';
import { OPERATORS_OF_TYPE, REQUEST_FIELDS } from '../../fields.ts';
import type { JsonObject } from '../../memory/json.ts';
import { conditionOf } from '../../memory/matches.ts';
import type { RequestFilter } from '../../query.ts';
import { isFailed, onlyFailed } from './failed.ts';

const DRAWN = fc.sample(arbitraryRequest, { seed: 20_261_126, numRuns: 300 });

/** Drawn members are rarely all those of a success, so that half of the requests are made one. */
const REQUESTS = DRAWN.map((request, at): GatewayRequest => {
  if (at % 2 === 0) return request;
  const { errorClass: _, errorMessage: __, ...rest } = request;
  return { ...rest, outcome: 'success', status: [200, 201, 399][at % 3] ?? 200 };
});

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
  [{ field: 'status', op: 'eq', value: 200 }, false],
  [{ field: 'status', op: 'in', value: [200, 502] }, false],
  [{ field: 'status', op: 'in', value: [404, 502] }, true],
  [{ field: 'status', op: 'gte', value: 400 }, true],
  [{ field: 'status', op: 'gte', value: 399 }, false],
  [{ field: 'status', op: 'neq', value: 200 }, false],
  [{ field: 'errorClass', op: 'exists', value: true }, true],
  [{ field: 'errorClass', op: 'exists', value: false }, false],
  [{ field: 'errorClass', op: 'neq', value: 'timeout' }, false],
])('%j: %j', (filter, expected) => {
  expect(onlyFailed([filter])).toBe(expected);
});
