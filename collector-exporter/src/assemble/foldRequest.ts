import type { Attempt, Feed, GatewayRequest, Outcome, Tokens } from '@aisix-observability/evidence';
import { outcomeOf } from '@aisix-observability/evidence';
import type { SpanReport, UsageReport } from '../report.ts';
import { type AttemptEvent, attemptEvents } from './events.ts';
import { terminalOf } from './terminal.ts';
import { placeInTime, type Times } from './timing.ts';
import { sumTokens, tokensOf } from './tokens.ts';
import type { Evidence } from './window.ts';

/** The ids that name a request, apart from its number. */
export interface RequestIds {
  readonly environment: string;
  readonly requestId: string;
  readonly traceId?: string;
}

/** What the assembler knows besides the evidence. */
export interface Version {
  readonly n: number;
  readonly revision: number;
  readonly state: 'open' | 'final';
}

/** Classes under which nothing left the gateway although a target was chosen (facts A.6). */
const NOT_DISPATCHED = new Set(['config', 'invalid_config', 'invalid_credentials', 'rate_limit_exceeded']);

/**
 * One request out of all that is known of it. Pure: the same evidence gives the same object, with its keys in the
 * same order, however the reports arrived.
 */
export function foldRequest(ids: RequestIds, evidence: Evidence, version: Version): GatewayRequest {
  const events = attemptEvents(evidence);
  const terminal = terminalOf(events);
  const end = terminal?.event;
  const { server } = evidence;
  const ofEnd = end === undefined ? NOTHING : toldBy([end]);
  // The terminal event's word first; a request with one event, as most are, has nothing else.
  const ofAll = events.length === 1 && end !== undefined ? ofEnd : [...ofEnd, ...toldBy(events)];
  const times = placeInTime(events, end, server, evidence.last);
  const tried = events.filter((event) => event.isAttempt);
  const requestedModel = pick(ofAll, (told) => told.requestedModel) ?? server?.requestedModel;
  const attempts = tried.map((event) => toAttempt(event, times, requestedModel));
  const status = server?.statusCode ?? (end?.kind === 'panel' ? undefined : end?.status);
  const outcome = outcomeOfRequest(end, status);
  const errorSource = outcome === 'success' ? undefined : end;
  const ttftMs = end?.usage?.upstreamTtftMs ?? end?.span?.upstreamTtftMs ?? server?.upstreamTtftMs;
  const tokens = sumTokens(events.map(tokensOf).filter((counted): counted is Tokens => counted !== undefined));
  const servedModel = outcome === 'success' ? ((end && modelThatAnswered(end)) ?? requestedModel) : undefined;
  const usage = end?.usage;

  return {
    requestId: ids.requestId,
    ...(ids.traceId !== undefined && { traceId: ids.traceId }),
    environment: ids.environment,
    n: version.n,
    ...(evidence.dataPlane !== undefined && { dataPlane: evidence.dataPlane }),
    state: version.state,
    timing: times.measured ? 'measured' : 'reconstructed',
    startTime: times.start,
    endTime: times.end,
    durationMs: times.end - times.start,
    ...defined({ status }),
    outcome,
    ...defined({
      requestedModel,
      servedModel,
      modelId: pick(ofEnd, (told) => told.modelId) ?? server?.modelId,
      errorClass: errorSource?.errorClass,
      errorMessage: errorSource && pick(ofEnd, (told) => told.errorMessage),
      usageEstimated: usage?.usageEstimated,
      apiKeyId: pick(ofAll, (told) => told.apiKeyId) ?? server?.apiKeyId,
      protocol: events.find((event) => event.usage?.inboundProtocol !== undefined)?.usage?.inboundProtocol,
      operation: pick(ofAll, (told) => told.operation) ?? server?.operation,
      stream: ttftMs === undefined ? undefined : true,
      ttftMs,
      downstreamLatencyMs: pick(ofEnd, (told) => told.downstreamLatencyMs) ?? server?.downstreamLatencyMs,
      tokens,
      // The data plane's own figure is normally 0 (the Cloud prices later), so 0 means "not known".
      costUsd: positive(sum(events, (event) => event.usage?.costUsd)),
      audioDurationSeconds: pick(ofAll, (told) => told.audioDurationSeconds) ?? server?.audioDurationSeconds,
      cache: cacheOf(usage),
      guardrail: guardrailOf(events, outcome),
      mcp: compact({
        server: pick(ofAll, (told) => told.mcpServer) ?? server?.mcpServer,
        tool: pick(ofAll, (told) => told.mcpTool) ?? server?.mcpTool,
      }),
      a2a: a2aOf(ofAll, server),
      passthroughRoute: pick(ofAll, (told) => told.passthroughRoute) ?? server?.passthroughRoute,
      authType: usage?.authType,
      jwt: compact({
        subject: pick(ofAll, (told) => told.jwtSubject) ?? server?.jwtSubject,
        provider: pick(ofAll, (told) => told.jwtProvider) ?? server?.jwtProvider,
        claimMapping: pick(ofAll, (told) => told.jwtClaimMapping) ?? server?.jwtClaimMapping,
      }),
      client: compact({
        address: pick(ofAll, (told) => told.clientAddress) ?? server?.clientAddress,
        userAgent: pick(ofAll, (told) => told.clientUserAgent) ?? server?.clientUserAgent,
        identity: pick(ofAll, (told) => told.clientIdentity) ?? server?.clientIdentity,
      }),
      parent: parentOf(server),
    }),
    revision: version.revision,
    feeds: feedsOf(evidence),
    attempts,
    ...defined({ extra: usage?.extra ?? events.find((event) => event.usage?.extra !== undefined)?.usage?.extra }),
  };
}

/** A report of either feed, of which any field may be asked. */
type Told = Partial<UsageReport> & Partial<SpanReport>;

const NOTHING: readonly Told[] = [];

/** Who can be asked, in order: usage before span before carrier of each event. */
function toldBy(events: readonly AttemptEvent[]): Told[] {
  const told: (UsageReport | SpanReport)[] = [];
  for (const { usage, span, carrier } of events) {
    if (usage !== undefined) told.push(usage);
    if (span !== undefined) told.push(span);
    if (carrier !== undefined) told.push(carrier);
  }
  return told as Told[];
}

/** First present value. */
function pick<T>(all: readonly Told[], field: (told: Told) => T | undefined): T | undefined {
  for (const told of all) {
    const value = field(told);
    if (value !== undefined) return value;
  }
  return undefined;
}

/**
 * The terminal event's outcome. Where the SERVER span says that the caller saw something else, the event that ended
 * the request is lost, and only the status is known.
 */
function outcomeOfRequest(end: AttemptEvent | undefined, status: number | undefined): Outcome {
  if (end === undefined || (end.status !== undefined && status !== undefined && end.status !== status)) {
    return status === undefined ? 'unknown' : outcomeOf({ status });
  }
  if (end.kind === 'panel' && end.errorClass === undefined)
    return status === undefined ? 'unknown' : outcomeOf({ status });
  return outcomeOfEvent(end);
}

function outcomeOfEvent(event: AttemptEvent): Outcome {
  return outcomeOf({ status: event.status, errorClass: event.errorClass, guardrailBlocked: event.blocked });
}

/** None when only failures or members of a panel are known and the SERVER span says that somebody answered. */
function modelThatAnswered(event: AttemptEvent): string | undefined {
  return event.kind !== 'panel' && outcomeOfEvent(event) === 'success' ? modelOf(event) : undefined;
}

const modelOf = (event: AttemptEvent) =>
  event.usage?.attemptModel ?? event.span?.attemptModel ?? event.carrier?.attemptModel;

function toAttempt(event: AttemptEvent, times: Times, requestedModel: string | undefined): Attempt {
  const { usage, span } = event;
  const [startTime, endTime] = times.attempts.get(event) ?? [times.start, times.end];
  return {
    index: event.index,
    kind: event.kind,
    ...defined({
      model: modelOf(event) ?? requestedModel,
      modelId: usage?.modelId ?? span?.modelId,
      providerKeyLabel: usage?.pkLabel ?? usage?.byoLabel,
      provider: usage?.brandedProvider ?? span?.provider,
      status: event.status,
    }),
    outcome: outcomeOfEvent(event),
    ...defined({
      errorClass: event.errorClass,
      errorMessage: usage?.errorMessage ?? span?.errorMessage,
    }),
    startTime,
    endTime,
    durationMs: endTime - startTime,
    ...defined({ ttftMs: usage?.upstreamTtftMs ?? span?.upstreamTtftMs }),
    dispatched: event.errorClass === undefined || !NOT_DISPATCHED.has(event.errorClass),
    ...defined({
      finishReason: usage?.finishReason ?? span?.finishReason,
      responseModel: usage?.providerModelVersion ?? span?.providerModelVersion,
      responseId: usage?.providerRequestId ?? span?.providerRequestId,
      tokens: tokensOf(event),
    }),
  };
}

function cacheOf(usage: UsageReport | undefined): GatewayRequest['cache'] {
  if (usage?.cacheStatus === undefined) return undefined;
  return {
    status: usage.cacheStatus,
    ...defined({
      layer: usage.cacheHitLayer,
      similarity: usage.cacheSimilarity,
      savedInputTokens: usage.cacheHitSavedInputTokens,
      savedOutputTokens: usage.cacheHitSavedOutputTokens,
    }),
  };
}

function guardrailOf(events: readonly AttemptEvent[], outcome: Outcome): GatewayRequest['guardrail'] {
  const blocked = outcome === 'guardrail_blocked';
  const first = <T>(field: (usage: UsageReport) => T | undefined): T | undefined => {
    for (const { usage } of events.toReversed()) {
      const value = usage === undefined ? undefined : field(usage);
      if (value !== undefined) return value;
    }
    return undefined;
  };
  const rest = {
    bypassedReason: first((usage) => usage.guardrailBypassedReason),
    applied: first((usage) => usage.appliedGuardrails),
    hits: first((usage) => usage.guardrailHits),
    redactedEntities: first((usage) => usage.redactedEntityCounts),
  };
  if (!blocked && Object.values(rest).every((value) => value === undefined)) return undefined;
  return { blocked, ...defined(rest) };
}

function a2aOf(ofAll: readonly Told[], server: SpanReport | undefined): GatewayRequest['a2a'] {
  return compact({
    agent: pick(ofAll, (told) => told.a2aAgent) ?? server?.a2aAgent,
    method: pick(ofAll, (told) => told.a2aMethod) ?? server?.a2aMethod,
    operation: pick(ofAll, (told) => told.a2aOperation) ?? server?.a2aOperation,
    protocolVersion: pick(ofAll, (told) => told.a2aProtocolVersion) ?? server?.a2aProtocolVersion,
    taskId: pick(ofAll, (told) => told.a2aTaskId) ?? server?.a2aTaskId,
    contextId: pick(ofAll, (told) => told.a2aContextId) ?? server?.a2aContextId,
    taskState: pick(ofAll, (told) => told.a2aTaskState) ?? server?.a2aTaskState,
    streamEventCount: pick(ofAll, (told) => told.a2aStreamEventCount) ?? server?.a2aStreamEventCount,
  });
}

function parentOf(server: SpanReport | undefined): GatewayRequest['parent'] {
  if (server?.parentSpanId === undefined) return undefined;
  return {
    spanId: server.parentSpanId,
    ...(server.traceState !== undefined && { traceState: server.traceState }),
  };
}

function feedsOf(evidence: Evidence): Feed[] {
  const slots = [...evidence.slots.values()];
  const feeds: Feed[] = [];
  if (slots.some((slot) => slot.usage !== undefined)) feeds.push('usage');
  if (evidence.server !== undefined || slots.some((slot) => slot.span !== undefined)) feeds.push('span');
  return feeds;
}

function sum(events: readonly AttemptEvent[], field: (event: AttemptEvent) => number | undefined): number {
  return events.reduce((total, event) => total + (field(event) ?? 0), 0);
}

const positive = (value: number) => (value > 0 ? value : undefined);

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Leaves out what is not known, so that "absent" has one meaning. */
function defined<T extends object>(fields: T): Defined<T> {
  const known: Record<string, unknown> = {};
  // Fifty times a request: `for in` builds no list of entries (measured: a sixth of the fold).
  for (const name in fields) if (fields[name] !== undefined) known[name] = fields[name];
  return known as Defined<T>;
}

/** The same, and absent as a whole when nothing is known. */
function compact<T extends object>(fields: T): Defined<T> | undefined {
  const known = defined(fields);
  return Object.keys(known).length === 0 ? undefined : known;
}
