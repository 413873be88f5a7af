import type { ConfigChange, RequestWindow } from '@aisix-observability/evidence';
import type { ConfigStep } from '../plan/carryOut.ts';

/** What every judged algorithm is given: nothing of the truth. */
export interface JudgedInput {
  readonly window: RequestWindow;
  readonly changes: readonly ConfigChange[];
  /** Configuration in force, ascending. */
  readonly config: readonly ConfigStep[];
}

/** What an algorithm says of a change at a look. */
export interface Said {
  readonly verdict: string;
  readonly reason: string;
  /** Name of the look that decided. */
  readonly look: string | undefined;
  /** Epoch milliseconds of the next look; undefined when nothing will change any more. */
  readonly nextLookAt: number | undefined;
}

/** One candidate, best first. */
export interface Ranked {
  readonly kind: 'change' | 'provider' | 'caller' | 'no_change';
  readonly id: string;
  readonly name: string;
  /** Share of the evidence beside the other candidates, 0 to 1; undefined where an algorithm tells none. */
  readonly relative?: number;
}

export interface RankedIncident {
  readonly start: number;
  readonly end: number | undefined;
  readonly bad: number;
  readonly candidates: readonly Ranked[];
}

/** An algorithm with one window before it. Times are epoch milliseconds. */
export interface Opened {
  /** Undefined where the algorithm does not judge changes. */
  weigh?(change: ConfigChange, now: number): Said;
  /** Incidents as of `now`; those around `start` where it is given. */
  rank(start: number | undefined, now: number): readonly RankedIncident[];
}

export interface Algorithm {
  readonly name: string;
  open(input: JudgedInput): Opened;
}
