import type { BeforeWindow } from './beforeWindow.ts';
import type { Evidence, KnownChange } from './evidence.ts';
import type { Tally } from './tally.ts';

/** Everything about a change that looks share. */
export interface Sight {
  readonly evidence: Evidence;
  readonly known: KnownChange;
  readonly before: BeforeWindow;
  readonly tally: Tally;
  /** Ends of looks in milliseconds after the change, ascending. */
  readonly looks: readonly number[];
  /** Whether an earlier change became a suspect. */
  wasSuspect(earlier: KnownChange): boolean;
}
