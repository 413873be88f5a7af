import type { AttemptKind } from '@aisix-observability/evidence';
import type { SpanReport, UsageReport } from '../report.ts';
import type { Evidence, Slot } from './window.ts';

/** What both feeds together say of one attempt number: the unit on which assembly reasons. */
export interface AttemptEvent {
  readonly index: number;
  readonly kind: AttemptKind;
  /** As the gateway wrote it; the single-shot endpoints write none. */
  readonly kindOnWire?: AttemptKind;
  readonly usage?: UsageReport;
  /** The CLIENT span of the attempt, with true times. */
  readonly span?: SpanReport;
  /** A SERVER span that carries this attempt number's attributes because nothing was called upstream. */
  readonly carrier?: SpanReport;
  readonly status?: number;
  readonly errorClass?: string;
  readonly blocked: boolean;
  /** Whether a provider was tried; otherwise the event only says how the request ended. */
  readonly isAttempt: boolean;
}

/** Error classes of requests that ended before any attempt; checked against recorded spans (facts K.1). */
const NEVER_AN_ATTEMPT = new Set([
  'invalid_api_key',
  'permission_denied',
  'model_not_found',
  'invalid_request_error',
  'websocket_upgrade_required',
  'billing_error',
  'all_candidates_unavailable',
  'provider_unavailable',
  'api_error',
]);

/** Within one attempt number: members of a panel run before the judge, which runs last. */
const KIND_ORDER: readonly AttemptKind[] = ['panel', 'initial', 'retry', 'fallback', 'judge'];

/** Events of a request in order of attempt number. */
export function attemptEvents(evidence: Evidence): AttemptEvent[] {
  const only = evidence.slots.size === 1;
  const events: AttemptEvent[] = [];
  let carrierPlaced = false;
  for (const slot of evidence.slots.values()) {
    const carrier = carrierOf(slot, evidence.server);
    if (carrier !== undefined) carrierPlaced = true;
    events.push(toEvent(slot, carrier, only));
  }
  const server = evidence.server;
  if (!carrierPlaced && server?.attemptIndex !== undefined && saysHowItEnded(server, events)) {
    events.push(toEvent({}, server, only));
  }
  // Total, so that the order in which slots were filled cannot show.
  return events.sort((a, b) => a.index - b.index || KIND_ORDER.indexOf(a.kind) - KIND_ORDER.indexOf(b.kind));
}

/** The SERVER span speaks for an attempt number only where no CLIENT span does. */
function carrierOf(slot: Slot, server: SpanReport | undefined): SpanReport | undefined {
  if (slot.span !== undefined || server?.attemptIndex === undefined) return undefined;
  const usage = slot.usage;
  if (usage === undefined || usage.attemptIndex !== server.attemptIndex) return undefined;
  return (usage.attemptKind ?? 'initial') === (server.attemptKind ?? 'initial') ? server : undefined;
}

/** A SERVER span that carries attributes of its own is the event itself unless a slot already tells it. */
function saysHowItEnded(server: SpanReport, events: readonly AttemptEvent[]): boolean {
  return !events.some(
    (event) => event.index === server.attemptIndex && event.kind === (server.attemptKind ?? 'initial'),
  );
}

function toEvent(slot: Slot, carrier: SpanReport | undefined, only: boolean): AttemptEvent {
  const { usage, span } = slot;
  const told = usage ?? span ?? carrier;
  const fallback = span ?? carrier;
  const kindOnWire = usage?.attemptKind ?? fallback?.attemptKind;
  const status = usage?.statusCode ?? fallback?.statusCode;
  const errorClass = usage?.errorClass ?? fallback?.errorClass;
  const blocked =
    usage?.guardrailBlocked === true ||
    (status === 422 && (errorClass === undefined || errorClass === 'content_filter'));
  return {
    index: told?.attemptIndex ?? 0,
    kind: kindOnWire ?? 'initial',
    ...(kindOnWire !== undefined && { kindOnWire }),
    ...(usage !== undefined && { usage }),
    ...(span !== undefined && { span }),
    ...(carrier !== undefined && { carrier }),
    ...(status !== undefined && { status }),
    ...(errorClass !== undefined && { errorClass }),
    blocked,
    isAttempt: span !== undefined || (usage !== undefined && triedAProvider(usage, only)),
  };
}

/** Facts K.1, "What is an attempt": agrees with the spans of every recorded request that has both feeds. */
function triedAProvider(event: UsageReport, only: boolean): boolean {
  if (event.cacheStatus === 'hit') return false;
  const label = event.errorClass;
  if (label !== undefined) {
    if (NEVER_AN_ATTEMPT.has(label)) return false;
    if (label === 'content_filter') return event.guardrailBlocked !== true && event.modelId !== undefined;
    if (label === 'rate_limit_exceeded') return !(only && event.attemptModel === undefined);
    return true;
  }
  if (event.modelId !== undefined || event.upstreamLatencyMs > 0) return true;
  const succeeded = event.statusCode >= 200 && event.statusCode < 300;
  return event.guardrailBlocked !== true && succeeded;
}
