import recorded from '../../vitest/fixtures/requests.json';
import type { GatewayRequest } from '../api/contract';

/** Requests of a real gateway as the server answers them: two of each kind that the recordings hold. */
export const recordedRequests = () => recorded as unknown as readonly GatewayRequest[];

/** A request that was answered, with what a test wants different. */
export const requestWith = (over: Partial<GatewayRequest> = {}): GatewayRequest => ({
  requestId: 'req-1',
  traceId: '11a593d814804855b308f72574d188e6',
  environment: '0b6f6a52-6e0b-4b0e-9a55-0a4e2f0f2a11',
  n: 0,
  state: 'final',
  timing: 'measured',
  startTime: 1_795_414_745_746.8,
  endTime: 1_795_414_745_776,
  durationMs: 29.2,
  status: 200,
  outcome: 'success',
  revision: 0,
  feeds: ['usage'],
  attempts: [],
  ...over,
});
