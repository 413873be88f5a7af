import type { CatalogueEntry } from '../model/catalogue.ts';
import type { ConfigChange } from '../model/change.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Look, SilentSpan } from './answers.ts';

/** What weighing needs of one attempt. */
export interface AttemptRow {
  readonly model?: string | undefined;
  readonly modelId?: string | undefined;
  readonly providerKeyLabel?: string | undefined;
  readonly status?: number | undefined;
  readonly outcome: Outcome;
  readonly errorClass?: string | undefined;
}

/**
 * What weighing needs of one request. Names and ids are those of `GatewayRequest`; absent is unknown. A store hands
 * these in, in any order; a million of them never exist at once (see `RequestWindow`).
 */
export interface RequestRow {
  /** Epoch milliseconds. Routing was decided here, so this and not the end decides which configuration counts. */
  readonly startTime: number;
  readonly durationMs: number;
  /** ±500 ms: usage events carry truncated seconds. */
  readonly reconstructed: boolean;
  readonly status?: number | undefined;
  readonly outcome: Outcome;
  readonly errorClass?: string | undefined;
  /** Of the terminal event, else of the newest failed attempt: what is searched for an echo of a new value. */
  readonly errorMessage?: string | undefined;
  readonly requestedModel?: string | undefined;
  readonly servedModel?: string | undefined;
  readonly modelId?: string | undefined;
  readonly apiKeyId?: string | undefined;
  readonly apiKeyName?: string | undefined;
  readonly dataPlane?: string | undefined;
  readonly protocol?: string | undefined;
  readonly stream: boolean;
  readonly cacheHit: boolean;
  /** Names of guardrails that hit, enforced or not. */
  readonly guardrails?: readonly string[] | undefined;
  readonly mcpServer?: string | undefined;
  readonly a2aAgent?: string | undefined;
  readonly passthroughRoute?: string | undefined;
  readonly jwtProvider?: string | undefined;
  readonly jwtClaimMapping?: string | undefined;
  readonly attempts: readonly AttemptRow[];
}

/** Who asked for what, apart from what became of it. Requests share these: there are thousands, not millions. */
export interface RequestShape {
  readonly requestedModel?: string | undefined;
  readonly apiKeyId?: string | undefined;
  readonly apiKeyName?: string | undefined;
  readonly dataPlane?: string | undefined;
  readonly protocol?: string | undefined;
  readonly stream: boolean;
  readonly mcpServer?: string | undefined;
  readonly a2aAgent?: string | undefined;
  readonly passthroughRoute?: string | undefined;
  readonly jwtProvider?: string | undefined;
  readonly jwtClaimMapping?: string | undefined;
  readonly reconstructed: boolean;
}

/** What became of a request. Shared, too. */
export interface RequestResult {
  readonly status?: number | undefined;
  readonly outcome: Outcome;
  readonly errorClass?: string | undefined;
  readonly servedModel?: string | undefined;
  readonly modelId?: string | undefined;
  readonly cacheHit: boolean;
  readonly guardrails: readonly string[];
  readonly attempts: readonly AttemptRow[];
}

/**
 * The requests of one environment in a span of time as columns, ordered by start. 22 bytes a request and one text per
 * different message, so that a million requests fit into 25 MB. Made by `createWindow`.
 */
export interface RequestWindow {
  readonly environment: string;
  /** What was read from the store, epoch milliseconds: before `from` and from `to` on nothing is known. */
  readonly from: number;
  readonly to: number;
  readonly length: number;
  readonly startTime: Float64Array;
  readonly durationMs: Float32Array;
  /** Index into `shapes`. */
  readonly shape: Uint32Array;
  /** Index into `results`. */
  readonly result: Uint32Array;
  /** Index into `messages`, or -1. */
  readonly message: Int32Array;
  readonly shapes: readonly RequestShape[];
  readonly results: readonly RequestResult[];
  /** Bounded: see `MAX_MESSAGES`. */
  readonly messages: readonly string[];
}

/** What resources existed when: those in force, or the wanted ones where no data plane tells. */
export interface ConfigHistory {
  /** Ascending times (epoch milliseconds) and what existed from then on. Empty where no catalogue is known. */
  at(time: number): readonly CatalogueEntry[];
}

/** Everything that the functions of `investigate` look at; read for one environment and one span of time. */
export interface EvidenceInput {
  readonly window: RequestWindow;
  /** All changes of the environment (and of its organization) that may have been in force in the window. */
  readonly changes: readonly ConfigChange[];
  readonly config: ConfigHistory;
  readonly silent?: readonly SilentSpan[];
  /** Called before each change that is weighed and each incident that is told; what it throws ends the work. */
  readonly goOn?: () => void;
}

/** Parts that can be switched off to see what they are worth (numbers of `docs/how-verdicts-are-made.md`). */
export interface Ablations {
  /** 1: the control's drift is shrunk towards none. */
  readonly shrinkControl: boolean;
  /** 4: a change can only be suspect of what its paths can do. */
  readonly mechanisms: boolean;
  /** 5: the bad ones have to begin when the change came into force. */
  readonly onset: boolean;
  /** 9: a shift between targets is an effect. */
  readonly targetMix: boolean;
}

export interface InvestigationParameters {
  /** Length of the window before a change. */
  readonly beforeMillis: number;
  /** How far back the window before may be taken when the minutes right before were an incident. */
  readonly historyMillis: number;
  /** Ascending. The last one is the only one that clears. */
  readonly looks: readonly Look[];
  /** After the time of an audit event, until a change is surely in force, where no data plane says when it was. */
  readonly guardMillis: number;
  /** Length of the steps in which incidents are looked for. */
  readonly stepMillis: number;
  readonly ablations: Ablations;
}

export * from './answers.ts';
