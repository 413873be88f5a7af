import type { GatewayRequest } from '@aisix-observability/evidence';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { createFilter, type FilterReason, type FilterSettings } from './filter.ts';
import { createSpanOptions, requestSpans, type SpanSettings } from './requestSpans.ts';
import { createSampler, type SamplingSettings } from './sampling.ts';

/** What one destination wants of the requests. */
export interface DestinationSpanConfig extends SpanSettings {
  readonly filter?: FilterSettings;
  /** Absent: everything is kept. */
  readonly sampling?: SamplingSettings;
}

/** Why a record of the stream of requests gives no spans; each is counted under this name. */
export type SkipReason = 'open' | 'unreadable' | 'sampled_out' | FilterReason;

export type PreparedRequest = { readonly items: ReadableSpan[] } | { readonly skip: SkipReason };

/**
 * Turns a record of the stream of requests into what one destination is sent. Never throws on a payload: a record that
 * cannot be read would stop the destination for good, so it is skipped by name.
 *
 * @throws RangeError on settings that cannot work (a ratio outside of 0 to 1, hashing without a key).
 */
export function createRequestPreparer(config: DestinationSpanConfig): (payload: string) => PreparedRequest {
  const options = createSpanOptions(config);
  const filter = createFilter(config.filter ?? {});
  const sampler = createSampler(config.sampling ?? { ratio: 1 });
  return (payload) => {
    const request = readRequest(payload);
    if (request === undefined) return { skip: 'unreadable' };
    // A final version follows; an open one only serves those who look at once.
    if (request.state === 'open') return { skip: 'open' };
    const filtered = filter(request);
    if (filtered !== undefined) return { skip: filtered };
    const decision = sampler(request);
    return decision.keep ? { items: requestSpans(request, options) } : { skip: decision.reason };
  };
}

function readRequest(payload: string): GatewayRequest | undefined {
  try {
    const request = JSON.parse(payload) as GatewayRequest | null;
    return typeof request?.requestId === 'string' && Array.isArray(request.attempts) ? request : undefined;
  } catch {
    return undefined;
  }
}
