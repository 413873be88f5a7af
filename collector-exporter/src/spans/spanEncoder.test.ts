import type { GatewayRequest } from '@aisix-observability/evidence';
import { describe, expect, it } from 'vitest';
import { createRequestPreparer, type DestinationSpanConfig, UnreadableRequestError } from './spanEncoder.ts';
import { exampleRequest, failoverRequest } from './testing/exampleRequest.ts';

const prepare = (request: GatewayRequest, config: DestinationSpanConfig = {}) =>
  createRequestPreparer(config)(JSON.stringify(request));

describe('what a destination is sent of a record', () => {
  it('is the whole tree', () => {
    expect(prepare(failoverRequest())).toMatchObject({ items: [{}, {}, {}, {}] });
  });

  it.each<[string, GatewayRequest, DestinationSpanConfig]>([
    ['open', exampleRequest({ state: 'open' }), {}],
    ['other_environment', exampleRequest(), { filter: { environments: ['env-2'] } }],
    ['other_outcome', exampleRequest(), { filter: { environments: ['env-1'], outcomes: ['provider_error'] } }],
    ['few_attempts', exampleRequest(), { filter: { minAttempts: 2 } }],
    ['sampled_out', exampleRequest(), { sampling: { ratio: 0 } }],
  ])('is nothing, because %s', (skip, request, config) => {
    expect(prepare(request, config)).toEqual({ skip });
  });

  it.each<[string, DestinationSpanConfig]>([
    ['environments', { filter: { environments: ['env-1', 'env-2'] } }],
    ['outcomes', { filter: { outcomes: ['success'] } }],
    ['attempts', { filter: { minAttempts: 1 } }],
  ])('passes a filter of %s', (_, config) => {
    expect(prepare(exampleRequest(), config)).toHaveProperty('items');
  });

  it('is filtered strictly also when it corrects something', () => {
    const corrected = exampleRequest({ revision: 3 });
    expect(prepare(corrected, { filter: { outcomes: ['provider_error'] }, sampling: { ratio: 0 } })).toEqual({
      skip: 'other_outcome',
    });
    expect(prepare(corrected, { sampling: { ratio: 0 } })).toHaveProperty('items');
  });

  it.each(['', 'not json', 'null', '[]', '{}', '{"requestId":5,"attempts":[]}'])(
    'is an error that does not repeat the record: %s',
    (payload) => {
      const act = () => createRequestPreparer({})(payload);
      expect(act).toThrow(UnreadableRequestError);
      expect(act).toThrow(/^the record holds no request$/);
    },
  );
});
