import type { GatewayRequest } from '../../../model/request.ts';
import type { RequestVersion } from '../../store.ts';

/** Around a midnight, so that every batch is of two days. */
const MIDNIGHT = Date.UTC(2026, 10, 24);
const MINUTE = 60_000;
const VERSIONS_EACH = 3;
/** Of so many requests one is corrected to start on another day. */
const MOVED_ONE_OF = 40;

/**
 * The version at a position of an endless stream: every request comes open, then final, then corrected. Always the same,
 * so that two processes agree on it.
 */
export function versionAt(seq: number): RequestVersion {
  const number = Math.floor((seq - 1) / VERSIONS_EACH);
  const phase = (seq - 1) % VERSIONS_EACH;
  const startTime = MIDNIGHT + ((number % 120) - 60) * MINUTE + (number % 977) / 16;
  const moved = phase === 2 && number % MOVED_ONE_OF === 0;
  const request: GatewayRequest = {
    requestId: number % 2 === 0 ? `request-${number}` : `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    environment: 'prod',
    n: 0,
    state: phase === 0 ? 'open' : 'final',
    timing: 'reconstructed',
    startTime: moved ? startTime - 24 * 60 * MINUTE : startTime,
    endTime: startTime + 100,
    durationMs: 100 + (number % 50),
    outcome: phase === 2 ? 'provider_error' : 'success',
    requestedModel: `model-${number % 7}`,
    revision: Math.max(0, phase - 1),
    feeds: ['usage'],
    attempts: [],
  };
  return { seq, json: JSON.stringify(request) };
}

/** JSON of the newest version of every request of the stream up to a position. */
export function newestUpTo(position: number): string[] {
  const newest = new Map<number, RequestVersion>();
  for (let seq = 1; seq <= position; seq += 1) newest.set(Math.floor((seq - 1) / VERSIONS_EACH), versionAt(seq));
  return [...newest.values()].sort((a, b) => a.seq - b.seq).map(({ json }) => json);
}
