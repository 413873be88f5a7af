import type { ReadScope } from '@aisix-observability/evidence';

/** Whoever asks, as identity found out. */
export interface Reader {
  /** Stable within this process: what a reader may have waiting is counted under it. */
  readonly key: string;
  readonly scope: ReadScope;
  /** Epoch milliseconds when the right to read ends; absent: it does not. */
  readonly expiresAt?: number;
}
