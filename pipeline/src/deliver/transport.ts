/** Why there is no usable answer; all of these are worth another try. */
export type FailureReason = 'timeout' | 'unreachable' | 'disconnected';

/** What came of one request. Expected failures are values, never exceptions. */
export type Answer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly retryAfter?: string;
      readonly contentType?: string;
      readonly location?: string;
      /** Undefined when it was larger than may be read. */
      readonly body: Uint8Array | undefined;
    }
  | {
      readonly kind: 'failed';
      readonly reason: FailureReason /** As the system names it, e.g. `ECONNREFUSED`. */;
      readonly code: string;
    }
  /** The caller called it off. */
  | { readonly kind: 'aborted' };

/** Sends one body to the one place that it was made for. */
export interface Transport {
  send(body: Uint8Array, signal: AbortSignal): Promise<Answer>;
  /** Closes all connections; for when no request is under way. */
  close(): void;
}
