import type { AttemptKind } from '@aisix-observability/evidence';

/** Input through which a delivery came. */
export const INPUTS = ['object_store', 'follow_bucket', 'otlp', 'telemetry', 'archive'] as const;
export type InputName = (typeof INPUTS)[number];

/**
 * What one usage event says (62 fields of the gateway, facts A.2), in the project's words. Every value is as the
 * gateway wrote it after redaction; empty strings, zeros that mean "not measured" and empty lists are left out.
 * All times are epoch milliseconds, all latencies milliseconds.
 */
export interface UsageReport {
  readonly feed: 'usage';
  readonly requestId: string;
  readonly traceId?: string;
  /** Whole seconds, truncated by the gateway. */
  readonly occurredAt: number;
  readonly attemptIndex: number;
  readonly attemptKind?: AttemptKind;
  readonly statusCode: number;
  readonly modelId?: string;
  readonly apiKeyId?: string;
  readonly requestedModel?: string;
  readonly attemptModel?: string;
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  readonly cachedPromptTokens?: number;
  readonly reasoningTokens?: number;
  readonly cacheCreationTokens?: number;
  readonly cacheReadTokens?: number;
  readonly usageEstimated?: boolean;
  readonly audioDurationSeconds?: number;
  /** Always on the wire, so 0 is kept. */
  readonly upstreamLatencyMs: number;
  readonly upstreamTtftMs?: number;
  readonly downstreamLatencyMs?: number;
  readonly providerRequestId?: string;
  readonly providerModelVersion?: string;
  readonly finishReason?: string;
  readonly costUsd?: number;
  readonly guardrailBlocked?: boolean;
  readonly guardrailBypassedReason?: string;
  readonly appliedGuardrails?: readonly { readonly kind: string; readonly hook: string }[];
  readonly redactedEntityCounts?: Readonly<Record<string, number>>;
  readonly guardrailHits?: readonly {
    readonly name: string;
    readonly hook: string;
    readonly action: string;
    readonly mode: 'enforced' | 'monitor';
  }[];
  readonly cacheStatus?: string;
  readonly cacheHitLayer?: string;
  readonly cacheSimilarity?: number;
  readonly cacheHitSavedInputTokens?: number;
  readonly cacheHitSavedOutputTokens?: number;
  readonly inboundProtocol?: string;
  readonly operation?: string;
  readonly errorClass?: string;
  readonly errorMessage?: string;
  readonly providerKind?: string;
  readonly providerFeatured?: boolean;
  readonly brandedProvider?: string;
  readonly pkLabel?: string;
  readonly byoLabel?: string;
  readonly authType?: string;
  readonly clientAddress?: string;
  readonly clientUserAgent?: string;
  readonly clientIdentity?: string;
  readonly mcpServer?: string;
  readonly mcpTool?: string;
  readonly a2aAgent?: string;
  readonly a2aMethod?: string;
  readonly a2aOperation?: string;
  readonly a2aProtocolVersion?: string;
  readonly a2aTaskId?: string;
  readonly a2aContextId?: string;
  readonly a2aTaskState?: string;
  readonly a2aStreamEventCount?: number;
  readonly passthroughRoute?: string;
  readonly jwtSubject?: string;
  readonly jwtProvider?: string;
  readonly jwtClaimMapping?: string;
  /** Unknown keys: at most 32 keys and 4 KiB, pattern-scanned. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** `server`: kind SERVER. `client`: kind CLIENT; it is an attempt when it carries an attempt index. */
export type SpanRole = 'server' | 'client';

/**
 * What one span of the data plane says. Same words as {@link UsageReport} where the gateway says the same thing in
 * both feeds; times are true.
 */
export interface SpanReport {
  readonly feed: 'span';
  readonly requestId: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly role: SpanRole;
  readonly traceState?: string;
  /** True when the flags say that the parent is remote (the caller's span). */
  readonly parentIsRemote?: boolean;
  /** Epoch milliseconds with fractions, from nanoseconds. */
  readonly startTime: number;
  readonly endTime: number;
  /** Present only on spans that carry an attempt. */
  readonly attemptIndex?: number;
  readonly attemptKind?: AttemptKind;
  readonly statusCode?: number;
  readonly operation?: string;
  readonly requestedModel?: string;
  readonly attemptModel?: string;
  readonly modelId?: string;
  readonly apiKeyId?: string;
  /** Later gateways say it; never the gateway's own name. */
  readonly provider?: string;
  readonly providerModelVersion?: string;
  readonly providerRequestId?: string;
  readonly finishReason?: string;
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  readonly audioDurationSeconds?: number;
  readonly upstreamTtftMs?: number;
  readonly downstreamLatencyMs?: number;
  readonly errorClass?: string;
  readonly errorMessage?: string;
  readonly clientAddress?: string;
  readonly clientUserAgent?: string;
  readonly clientIdentity?: string;
  readonly jwtSubject?: string;
  readonly jwtProvider?: string;
  readonly jwtClaimMapping?: string;
  readonly mcpServer?: string;
  readonly mcpTool?: string;
  readonly a2aAgent?: string;
  readonly a2aMethod?: string;
  readonly a2aOperation?: string;
  readonly a2aProtocolVersion?: string;
  readonly a2aTaskId?: string;
  readonly a2aContextId?: string;
  readonly a2aTaskState?: string;
  readonly a2aStreamEventCount?: number;
  readonly passthroughRoute?: string;
}

/** What one event or one span says of one attempt or of the request around it. */
export type AttemptReport = UsageReport | SpanReport;

/** One accepted transport unit: all of it is on disk before the sender hears a 2xx. */
export interface Delivery {
  readonly input: InputName;
  readonly environment: string;
  /** From a client certificate, else from the configured input. */
  readonly dataPlane?: string;
  /** Epoch milliseconds of the server's clock. */
  readonly receivedAt: number;
  readonly reports: readonly AttemptReport[];
}

/** Why one report of a delivery was not accepted, while its neighbours were. */
export interface Refusal {
  /** Position in the batch, or line number of an archive. */
  readonly index: number;
  /** Stable code, one of `REFUSAL_CODES`. */
  readonly code: string;
  /** Names the field and what was expected; never holds raw untrusted text. */
  readonly message: string;
}

/**
 * Makes a delivery durable; resolves once it would survive `kill -9`.
 *
 * @throws `StreamFullError` or `StreamUnavailableError` of the pipeline room; the receiver answers 503 with
 *   `Retry-After`.
 */
export type Accept = (delivery: Delivery) => Promise<void>;
