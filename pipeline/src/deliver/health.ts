import type { Gap } from '../stream/stream.ts';

export type DestinationState =
  /** Takes what it gets. */
  | 'ok'
  /** Answers, but is far behind. */
  | 'lagging'
  /** Did not answer, or asked to wait; will be tried again soon. */
  | 'retrying'
  /** Refuses in a way that an operator has to mend (credentials, path, redirect); probed slowly, nothing is dropped. */
  | 'blocked';

/** How a destination does. Counts are since the start of the process; times are milliseconds since the epoch. */
export interface DestinationHealth {
  readonly name: string;
  /** Scheme, host and port only: paths and queries may hold secrets. */
  readonly origin: string;
  readonly state: DestinationState;
  /** Kept after recovery, with its time. */
  readonly lastError?: { readonly at: number; readonly message: string; readonly hint?: string };
  readonly lastSuccessAt?: number;
  /** When a destination that is `retrying` or `blocked` is tried next. */
  readonly nextTryAt?: number;
  readonly requestsInFlight: number;
  readonly backlogRows: number;
  readonly backlogBytes: number;
  /** `at` of the oldest row that is not settled. */
  readonly oldestAt?: number;
  /** Items. */
  readonly delivered: number;
  /** Items that the backend named as rejected in a partial success. */
  readonly rejected: number;
  /** Requests sent once more. */
  readonly retried: number;
  /** Rows by reason. */
  readonly setAside: Readonly<Record<string, number>>;
  /** Rows by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Answers of success whose body made no sense. */
  readonly unreadableResponses: number;
  readonly gaps: readonly Gap[];
  readonly resends: readonly ResendProgress[];
}

export interface ResendProgress {
  readonly from: number;
  readonly to: number;
  /** Rows settled so far by this process. */
  readonly rows: number;
  /** Items delivered so far by this process. */
  readonly items: number;
}
