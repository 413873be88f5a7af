import type { DrawEvent } from './drawMarker.ts';

export type TargetState =
  /** Not yet known to take annotations. */
  | 'probing'
  | 'ok'
  /** Did not answer, or asked to wait; will be tried again soon. */
  | 'retrying'
  /** Refuses in a way that an operator has to mend; probed slowly, nothing is lost. */
  | 'blocked';

export type TargetCounts = Record<DrawEvent | 'refused' | 'retried', number>;

/** How a target does. Counts are since the start of the process; times are epoch milliseconds. */
export interface TargetHealth {
  readonly name: string;
  /** Scheme, host and port only. */
  readonly origin: string;
  readonly state: TargetState;
  /** Kept after recovery, with its time. */
  readonly lastError?: { readonly at: number; readonly message: string; readonly hint?: string };
  readonly lastSuccessAt?: number;
  readonly nextTryAt?: number;
  /** Markers that are not yet there as they are; those that are only looked at once more count, too. */
  readonly waiting: number;
  readonly oldestAt?: number;
  readonly counts: Readonly<TargetCounts>;
}

/** As the gauge of the state has it. */
export const STATE_NUMBERS: Readonly<Record<TargetState, number>> = { ok: 0, probing: 1, retrying: 2, blocked: 3 };

export function noCounts(): TargetCounts {
  return {
    created: 0,
    updated: 0,
    deleted: 0,
    adopted: 0,
    surplus_deleted: 0,
    not_stored_as_sent: 0,
    refused: 0,
    retried: 0,
  };
}
