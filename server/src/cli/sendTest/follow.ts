import type { GatewayRequest } from '@aisix-observability/evidence';
import type { DestinationHealth, StreamFile } from '@aisix-observability/pipeline';
import type { DestinationConfig } from '../../config/config.ts';
import { TEST_ID_PREFIX } from './testRequest.ts';

/** Where a test request has come. */
export interface Assembled {
  /** Position in the stream of requests. */
  readonly seq: number;
  readonly request: GatewayRequest;
}

/** Rows looked at in one step. */
const PAGE = { rows: 1000, bytes: 8 * 1024 * 1024 };

/** Looks through the stream of requests for final ones with wanted ids, from a position on. */
export function createSearch(file: StreamFile, after: number): (wanted: ReadonlySet<string>) => readonly Assembled[] {
  const stream = file.stream('requests');
  let position = after;
  return (wanted) => {
    const found: Assembled[] = [];
    for (;;) {
      const rows = stream.read(position, PAGE);
      for (const { seq, payload } of rows) {
        position = seq;
        // Parsing each request of a busy server would cost more than the test is worth.
        if (!payload.includes(TEST_ID_PREFIX)) continue;
        const request = JSON.parse(payload) as GatewayRequest;
        if (wanted.has(request.requestId) && request.state === 'final') found.push({ seq, request });
      }
      if (rows.length === 0) return found;
    }
  };
}

/** What became of one test request at one destination. */
export type Fate =
  | { readonly kind: 'delivered' }
  /** The configuration says that this destination does not get it. */
  | { readonly kind: 'not_meant'; readonly reason: string }
  | { readonly kind: 'waiting'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Judges by the destination's place in the stream: a request is settled once the cursor has passed it. Whether it was
 * settled by a success shows in what the destination set aside meanwhile.
 */
export function fateOf(
  { seq, request }: Assembled,
  cursor: number,
  settings: DestinationConfig,
  before: DestinationHealth | undefined,
  health: DestinationHealth | undefined,
): Fate {
  const { environments, outcomes } = settings.filter;
  if (environments !== undefined && !environments.includes(request.environment)) {
    return { kind: 'not_meant', reason: 'its filter leaves out the environment' };
  }
  if (outcomes !== undefined && !outcomes.includes(request.outcome)) {
    return { kind: 'not_meant', reason: 'its filter leaves out successes' };
  }
  // The trace id of a test request passes every sampling that lets anything pass.
  if (settings.sampling.ratio === 0) return { kind: 'not_meant', reason: 'its sampling leaves out successes' };
  const lastError = health?.lastError;
  const why = lastError === undefined ? 'nothing said yet' : lastError.message;
  if (cursor < seq) {
    return health?.state === 'blocked' ? { kind: 'refused', reason: why } : { kind: 'waiting', reason: why };
  }
  const aside = sum(health?.setAside) - sum(before?.setAside) + (health?.rejected ?? 0) - (before?.rejected ?? 0);
  return aside > 0 ? { kind: 'refused', reason: why } : { kind: 'delivered' };
}

const sum = (counts: Readonly<Record<string, number>> = {}) => Object.values(counts).reduce((all, one) => all + one, 0);
