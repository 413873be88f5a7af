import { hash } from 'node:crypto';
import type { AttemptKind, GatewayRequest } from '@aisix-observability/evidence';

/** The part of a request that names it: no time, feed or order of arrival is in it. */
export type RequestKey = Pick<GatewayRequest, 'environment' | 'requestId' | 'traceId' | 'n'>;

/**
 * `inherit`: spans join the gateway's own trace. `fresh`: they get a trace of their own with a link to the gateway's,
 * for those whose data plane also exports to the same backend.
 */
export type TraceIdMode = 'inherit' | 'fresh';

const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/;

const ZERO = '0'.charCodeAt(0);

/** Whether a text is a trace id by W3C Trace Context: 32 lower-case hex digits, not all zero. */
export function isTraceId(text: string | undefined): text is string {
  return text !== undefined && TRACE_ID.test(text);
}

/** Whether a text is a span id by W3C Trace Context: 16 lower-case hex digits, not all zero. */
export function isSpanId(text: string | undefined): text is string {
  return text !== undefined && SPAN_ID.test(text);
}

/** SHA-256 in hex of everything that names a request. */
export function requestKeyHash(environment: string, requestId: string, traceId: string | undefined, n: number): string {
  return hash('sha256', keyText(environment, requestId, traceId, n), 'hex');
}

/** Ids of one request's spans; the same for every revision, replay and input. */
export interface SpanIds {
  /** 32 hex digits: the trace in which the spans are exported. */
  readonly traceId: string;
  readonly server: string;
  logical(): string;
  attempt(index: number, kind: AttemptKind): string;
}

/** Span ids do not depend on the mode, only the trace does. */
export function spanIds(request: RequestKey, mode: TraceIdMode): SpanIds {
  const key = keyText(request.environment, request.requestId, request.traceId, request.n);
  return {
    traceId: traceIdFor(request.traceId, key, mode),
    server: spanId(`${key}server`),
    logical: () => spanId(`${key}logical`),
    attempt: (index, kind) => spanId(`${key}attempt ${index} ${kind}`),
  };
}

/** The trace in which a request is exported; what `exportedTraceIds` of the model holds where it differs. */
export function exportedTraceId(request: RequestKey, mode: TraceIdMode): string {
  if (mode === 'inherit' && isTraceId(request.traceId)) return request.traceId;
  return traceIdFor(request.traceId, keyText(request.environment, request.requestId, request.traceId, request.n), mode);
}

/** Hex digits that are never all zero, since an id of zeros means "none". */
export function nonZero(hex: string): string {
  // Nearly every id has its first digit to show for it.
  return hex.charCodeAt(0) !== ZERO || /[1-9a-f]/.test(hex) ? hex : `${hex.slice(0, -1)}1`;
}

/** A JSON array ends where it ends whatever its texts hold, so the role that follows cannot be taken for a part of it. */
function keyText(environment: string, requestId: string, traceId: string | undefined, n: number): string {
  return JSON.stringify([environment, requestId, traceId ?? null, n]);
}

function traceIdFor(known: string | undefined, key: string, mode: TraceIdMode): string {
  if (mode === 'inherit') return isTraceId(known) ? known : nonZero(hash('sha256', key, 'hex').slice(0, 32));
  return nonZero(hash('sha256', `${key}trace`, 'hex').slice(0, 32));
}

function spanId(text: string): string {
  return nonZero(hash('sha256', text, 'hex').slice(0, 16));
}
