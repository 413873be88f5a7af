import type { GatewayRequest } from '../../model/request.ts';
import { FIRST_DAY } from './arbitraryRequest.ts';

/** A plain request, different where it matters. */
export function exampleRequest(given: Partial<GatewayRequest> = {}): GatewayRequest {
  return {
    requestId: 'request',
    environment: 'prod',
    n: 0,
    state: 'final',
    timing: 'measured',
    startTime: FIRST_DAY,
    endTime: FIRST_DAY + 100,
    durationMs: 100,
    outcome: 'success',
    revision: 0,
    feeds: ['usage'],
    attempts: [],
    ...given,
  };
}
