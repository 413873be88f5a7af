import { type Interval, PAIRING_WINDOW_MS } from './observed.ts';
import { PAIRING_ROUNDS } from './pair.ts';
import { STATUS_HORIZON_MS } from './statusTimes.ts';

/**
 * What is folded again when an observation comes in. The changes of `out` are made anew, out of everything in `within`:
 * nothing further away has a say in them, so that folding parts gives what folding all would give.
 */
export interface FoldWindow {
  readonly out: Interval;
  readonly within: Interval;
}

/** What is asked of the members of a unit, to find how far an observation reaches. */
export interface Reach {
  /** Whether some change in an interval has no revision: then events and sightings may have been paired by time. */
  hasPairingByTime(within: Interval): boolean;
  /** Whether reports of data planes may tell of changes in an interval. */
  hasReports(within: Interval): boolean;
  /**
   * The hull of what is not a single moment in an interval: sightings after a long silence, those without a revision, and
   * those of one revision at times that differ. What is paired with one end of them may push aside what is at the other.
   */
  spread(within: Interval): Interval | undefined;
}

/** Sightings of one change that lie closer together count as one moment. */
export const MOMENT_MS = 10_000;

/** From an event to a sighting that it may be paired with, and on to the next event. */
const HOP_MS = 2 * (PAIRING_WINDOW_MS + MOMENT_MS);
/** A choice depends on the choices of the round before, two neighbours away. */
const PAIRED_BY_TIME_MS = PAIRING_ROUNDS * HOP_MS;
/** Where revisions say what belongs together, only what touches matters: what was superseded in between. */
const PAIRED_BY_REVISION_MS = PAIRING_WINDOW_MS + MOMENT_MS;

/** The window around what an observation speaks of. */
export function foldWindow(seed: Interval, reach: Reach): FoldWindow {
  let core = seed;
  for (;;) {
    const window = around(core, reach);
    const spread = reach.spread(window.within);
    if (spread === undefined || (spread[0] >= core[0] && spread[1] <= core[1])) return window;
    core = hull(core, spread);
  }
}

function around(core: Interval, reach: Reach): FoldWindow {
  const reports = reach.hasReports(widened(core, 3 * STATUS_HORIZON_MS, 3 * STATUS_HORIZON_MS)) ? STATUS_HORIZON_MS : 0;
  const narrow = windowOf(core, PAIRED_BY_REVISION_MS, reports);
  return reach.hasPairingByTime(narrow.within) ? windowOf(core, PAIRED_BY_TIME_MS, reports) : narrow;
}

/** Reports tell of a change until the next one of its resource: that one counts for the change before. */
function windowOf(core: Interval, pairing: number, reports: number): FoldWindow {
  const out = widened(core, pairing + reports, pairing);
  return { out, within: widened(out, pairing + reports, pairing + reports) };
}

function widened([from, to]: Interval, before: number, after: number): Interval {
  return [from - before, to + after];
}

export function hull(a: Interval, b: Interval): Interval {
  return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
}

/** Windows that overlap in what is made anew are one. */
export function mergedWindows(windows: readonly FoldWindow[]): FoldWindow[] {
  const merged: FoldWindow[] = [];
  for (const window of windows.toSorted((a, b) => a.out[0] - b.out[0])) {
    const last = merged.at(-1);
    if (last === undefined || last.out[1] < window.out[0]) merged.push(window);
    else merged[merged.length - 1] = { out: hull(last.out, window.out), within: hull(last.within, window.within) };
  }
  return merged;
}
