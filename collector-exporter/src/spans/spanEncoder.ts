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

/** Why a request gives no spans for a destination; each is counted under this name. */
export type SkipReason = 'open' | 'sampled_out' | FilterReason;

export type PreparedRequest = { readonly items: ReadableSpan[] } | { readonly skip: SkipReason };

/** A record of the stream of requests holds no request. Its text is not repeated here. */
export class UnreadableRequestError extends Error {
  readonly code = 'unreadable_request';

  constructor() {
    super('the record holds no request');
    this.name = 'UnreadableRequestError';
  }
}

/**
 * Turns a record of the stream of requests (JSON of a `GatewayRequest`) into what one destination is sent. Pure: the
 * same record gives the same answer at any time. What it returns throws `UnreadableRequestError` for a record that is
 * no request, so that delivery sets it aside by name and goes on.
 *
 * @throws RangeError on settings that cannot work (a ratio outside of 0 to 1, hashing without a key).
 */
export function createRequestPreparer(config: DestinationSpanConfig): (payload: string) => PreparedRequest {
  const options = createSpanOptions(config);
  const filter = createFilter(config.filter ?? {});
  const sampler = createSampler(config.sampling ?? { ratio: 1 });
  return (payload) => {
    const request = readRequest(payload);
    // A final version follows; an open one only serves those who look at once.
    if (request.state === 'open') return { skip: 'open' };
    const filtered = filter(request);
    if (filtered !== undefined) return { skip: filtered };
    const decision = sampler(request);
    return decision.keep ? { items: requestSpans(request, options) } : { skip: decision.reason };
  };
}

function readRequest(payload: string): GatewayRequest {
  let request: Partial<GatewayRequest> | null;
  try {
    request = JSON.parse(payload) as Partial<GatewayRequest> | null;
  } catch {
    // The parser's message quotes the text.
    throw new UnreadableRequestError();
  }
  if (typeof request?.requestId !== 'string' || !Array.isArray(request.attempts)) throw new UnreadableRequestError();
  return request as GatewayRequest;
}
