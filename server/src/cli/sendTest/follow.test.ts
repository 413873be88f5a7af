import type { GatewayRequest } from '@aisix-observability/evidence';
import type { DestinationHealth } from '@aisix-observability/pipeline';
import { describe, expect, it } from 'vitest';
import { configFrom } from '../../config/parse.ts';
import { fateOf } from './follow.ts';

const [settings] = configFrom({ destinations: [{ name: 'sink', endpoint: 'http://127.0.0.1:4318' }] }).config
  .destinations;
if (settings === undefined) throw new Error('there is one destination');

const health = (over: Partial<DestinationHealth> = {}): DestinationHealth => ({
  name: 'sink',
  origin: 'http://127.0.0.1:4318',
  state: 'ok',
  requestsInFlight: 0,
  backlogRows: 0,
  backlogBytes: 0,
  delivered: 0,
  rejected: 0,
  retried: 0,
  setAside: {},
  skipped: {},
  unreadableResponses: 0,
  gaps: [],
  resends: [],
  ...over,
});
const assembled = { seq: 7, request: { environment: 'prod', outcome: 'success' } as GatewayRequest };
const lastError = { at: 1, message: 'answered 400' };

describe('the fate of a test request at a destination', () => {
  it.each([
    ['passed, nothing set aside', 7, settings, health(), health(), 'delivered'],
    [
      'passed, what was set aside is old',
      9,
      settings,
      health({ setAside: { rejected: 3 } }),
      health({ setAside: { rejected: 3 } }),
      'delivered',
    ],
    [
      'passed, and set aside meanwhile',
      7,
      settings,
      health(),
      health({ setAside: { bad_data: 1 }, lastError }),
      'refused',
    ],
    ['passed, and rejected in a partial success', 7, settings, health(), health({ rejected: 3, lastError }), 'refused'],
    ['not reached yet', 6, settings, health(), health({ state: 'retrying', lastError }), 'waiting'],
    ['blocked before it', 6, settings, health(), health({ state: 'blocked', lastError }), 'refused'],
    ['another environment', 7, { ...settings, filter: { environments: ['qa'] } }, health(), health(), 'not_meant'],
    ['only failures', 7, { ...settings, filter: { outcomes: ['provider_error'] } }, health(), health(), 'not_meant'],
    ['no successes', 7, { ...settings, sampling: { ...settings.sampling, ratio: 0 } }, health(), health(), 'not_meant'],
  ])('%s', (_name, cursor, of, before, after, kind) => {
    expect(fateOf(assembled, cursor, of, before, after).kind).toBe(kind);
  });
});
