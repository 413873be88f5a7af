/** One try at one direct model. */
export interface Try {
  /** Index of the direct model. */
  readonly model: number;
  readonly kind: 'initial' | 'retry' | 'fallback' | 'panel' | 'judge';
  /** Whole milliseconds, as the gateway tells them. */
  readonly tookMs: number;
  readonly status: number;
  readonly errorClass: string | undefined;
  readonly message: string | undefined;
}

/** One request as the gateway worked it off. Times are milliseconds from the window's start. */
export interface Call {
  readonly start: number;
  readonly end: number;
  /** Indexes into the world. */
  readonly model: number;
  readonly caller: number;
  readonly dataPlane: number;
  /** Milliseconds from the start of the answering attempt to the first token; undefined unless streamed. */
  readonly ttftMs: number | undefined;
  readonly cacheHit: boolean;
  readonly tries: readonly Try[];
  /** How it was refused; undefined when it was tried or came from the cache. */
  readonly refused:
    | {
        readonly status: number;
        readonly errorClass: string;
        readonly blocked: boolean;
        readonly withoutModel: boolean;
      }
    | undefined;
  /** Fault or trouble to which it owes its failure, its failed attempt or its slowness; -1 for none. */
  readonly cause: number;
}

/** The caller left before the end. */
export const CLIENT_CLOSED = 499;
