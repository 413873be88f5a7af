import type { Outcome } from './outcome.ts';

/** `open`: shown at once, more facts are expected. `final`: exported; a later fact makes a new revision. */
export type RequestState = 'open' | 'final';

/** `measured`: true times from the gateway's own spans. `reconstructed`: placed around a truncated second, ±500 ms. */
export type Timing = 'measured' | 'reconstructed';

/** `usage`: usage events (object store, telemetry, archives). `span`: the data plane's own OTLP spans. */
export type Feed = 'usage' | 'span';

/** `initial`, `retry`, `fallback`: alternatives. `panel`, `judge`: sub-calls of an ensemble, whose tokens add up. */
export type AttemptKind = 'initial' | 'retry' | 'fallback' | 'panel' | 'judge';

/** Token counts after normalisation: `input` includes cached tokens, `output` includes reasoning. Absent is unknown. */
export interface Tokens {
  readonly input?: number;
  readonly output?: number;
  /** Subset of `input` read from the provider's prompt cache. */
  readonly cacheRead?: number;
  /** Subset of `input` written to the provider's prompt cache. */
  readonly cacheWrite?: number;
  /** Subset of `output`. */
  readonly reasoning?: number;
}

/** One try at one target. Times are epoch milliseconds with fractions. */
export interface Attempt {
  readonly index: number;
  readonly kind: AttemptKind;
  /** Display name of the target: the routing target's, else the requested model. */
  readonly model?: string;
  readonly modelId?: string;
  readonly providerKeyLabel?: string;
  /** Provider brand shown in the Cloud console (`branded_provider`). */
  readonly provider?: string;
  readonly status?: number;
  readonly outcome: Outcome;
  readonly errorClass?: string;
  readonly errorMessage?: string;
  readonly startTime: number;
  readonly endTime: number;
  readonly durationMs: number;
  readonly ttftMs?: number;
  /** False when the gateway refused the target itself and nothing left it. */
  readonly dispatched: boolean;
  readonly finishReason?: string;
  readonly responseModel?: string;
  readonly responseId?: string;
  readonly tokens?: Tokens;
}

/** What a caller asked of the gateway, with every attempt made for it. Absent means not known, never zero. */
export interface GatewayRequest {
  readonly requestId: string;
  /** 32 hex digits; absent when no feed carried one. */
  readonly traceId?: string;
  readonly environment: string;
  /** 0 unless a caller used both ids again more than ten minutes later. */
  readonly n: number;
  readonly dataPlane?: string;
  readonly state: RequestState;
  readonly timing: Timing;
  /** Epoch milliseconds with fractions. */
  readonly startTime: number;
  readonly endTime: number;
  readonly durationMs: number;
  /** What the caller saw; absent when its event is lost. */
  readonly status?: number;
  readonly outcome: Outcome;
  readonly requestedModel?: string;
  /** The model that answered; absent for failures. */
  readonly servedModel?: string;
  /** The four below are of the terminal event. */
  readonly modelId?: string;
  readonly errorClass?: string;
  readonly errorMessage?: string;
  readonly usageEstimated?: boolean;
  readonly apiKeyId?: string;
  readonly apiKeyName?: string;
  /** `openai`, `anthropic`, `mcp`, `a2a`, `passthrough`, `realtime`, `batch`. */
  readonly protocol?: string;
  /** GenAI operation (`chat`, `embeddings`, `execute_tool`, …) where a feed says it. */
  readonly operation?: string;
  readonly stream?: boolean;
  /** Attempt start to first token, of the attempt that answered. */
  readonly ttftMs?: number;
  /** Request received to response written (or first token forwarded, for streams), as the gateway measured it. */
  readonly downstreamLatencyMs?: number;
  readonly tokens?: Tokens;
  readonly costUsd?: number;
  readonly audioDurationSeconds?: number;
  readonly cache?: {
    readonly status: string;
    readonly layer?: string;
    readonly similarity?: number;
    readonly savedInputTokens?: number;
    readonly savedOutputTokens?: number;
  };
  readonly guardrail?: {
    readonly blocked: boolean;
    readonly bypassedReason?: string;
    readonly applied?: readonly { readonly kind: string; readonly hook: string }[];
    readonly hits?: readonly {
      readonly name: string;
      readonly hook: string;
      readonly action: string;
      readonly mode: 'enforced' | 'monitor';
    }[];
    readonly redactedEntities?: Readonly<Record<string, number>>;
  };
  readonly mcp?: { readonly server?: string; readonly tool?: string };
  readonly a2a?: {
    readonly agent?: string;
    readonly method?: string;
    readonly operation?: string;
    readonly protocolVersion?: string;
    readonly taskId?: string;
    readonly contextId?: string;
    readonly taskState?: string;
    readonly streamEventCount?: number;
  };
  readonly passthroughRoute?: string;
  readonly authType?: string;
  readonly jwt?: { readonly subject?: string; readonly provider?: string; readonly claimMapping?: string };
  readonly client?: { readonly address?: string; readonly userAgent?: string; readonly identity?: string };
  /** The caller's own span, from its `traceparent`; known only from the span feed. */
  readonly parent?: { readonly spanId: string; readonly traceState?: string };
  /** 0 for the first final version; +1 for each correction. */
  readonly revision: number;
  readonly feeds: readonly Feed[];
  /** Per destination, only where it differs from `traceId`. */
  readonly exportedTraceIds?: Readonly<Record<string, string>>;
  readonly attempts: readonly Attempt[];
  /** Fields of newer gateways that this version does not know, bounded and pattern-scanned. */
  readonly extra?: Readonly<Record<string, unknown>>;
}
