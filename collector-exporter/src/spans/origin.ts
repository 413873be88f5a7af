import type { GatewayRequest } from '@aisix-observability/evidence';
import { type Link, type SpanContext, TraceFlags, type TraceState as TraceStateContract } from '@opentelemetry/api';
import { TraceState } from '@opentelemetry/core';
import { ATTRIBUTE } from './attributes.ts';
import { isSpanId, isTraceId, type SpanIds, type TraceIdMode } from './ids.ts';

/** What stands above the SERVER span. */
export interface Origin {
  /** The caller's span, when it is known and lies in the same trace. */
  readonly parent?: SpanContext;
  /** Of the caller; written on every span of the tree, as an SDK's children inherit it. */
  readonly traceState?: TraceStateContract;
  readonly links?: Link[];
}

const NOTHING: Origin = {};

/**
 * Finds what a request continues.
 *
 * In a trace of its own the request cannot be the caller's child, so it links there; where the caller's span is not
 * known, the link names the id that the SERVER span has in `inherit` mode, because a link without a span id is refused
 * by backends that check ids, and most only open the trace.
 */
export function originOf(request: GatewayRequest, ids: SpanIds, mode: TraceIdMode): Origin {
  const { traceId, parent } = request;
  if (!isTraceId(traceId)) return NOTHING;
  const parentId = isSpanId(parent?.spanId) ? parent.spanId : undefined;
  const traceState = parentId === undefined ? undefined : traceStateOf(parent?.traceState);
  const held = traceState !== undefined && { traceState };
  if (mode === 'inherit') {
    if (parentId === undefined) return NOTHING;
    return { parent: { traceId, spanId: parentId, traceFlags: TraceFlags.SAMPLED, isRemote: true, ...held }, ...held };
  }
  const context: SpanContext = {
    traceId,
    spanId: parentId ?? ids.server,
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
    ...held,
  };
  return {
    links: [{ context, attributes: { [ATTRIBUTE.linkTarget]: parentId === undefined ? 'gateway_trace' : 'caller' } }],
  };
}

/** Screened by OpenTelemetry's own reader of the header: at most 32 members and 512 bytes, broken members left out. */
function traceStateOf(header: string | undefined): TraceStateContract | undefined {
  if (header === undefined) return undefined;
  const state = new TraceState(header);
  return state.serialize() === '' ? undefined : state;
}
