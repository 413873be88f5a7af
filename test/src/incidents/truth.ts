import type { Call } from './gateway/call.ts';
import type { Effect } from './gateway/effects.ts';
import type { CarriedOut } from './plan/carryOut.ts';
import type { PlannedTrouble, Reach, Role } from './plan/plan.ts';
import type { Script } from './plan/situations.ts';

/** One fault as it was: what a judge compares verdicts with. Times are epoch milliseconds. */
export interface TrueFault {
  readonly changeId: string;
  readonly kind: string;
  /** First moment at which a data plane did harm. */
  readonly onset: number;
  readonly until?: number;
  /** Change that ended it. */
  readonly fixId?: string;
  /** Requests that it could reach within 20 minutes from the onset, and those that it harmed. */
  readonly reached: number;
  readonly harmed: number;
  /** Share harmed, in points of a hundred. */
  readonly points: number;
  readonly latency: boolean;
  readonly vanishes: boolean;
  readonly reach: Reach;
}

export interface TrueTrouble extends PlannedTrouble {
  readonly reached: number;
  readonly harmed: number;
}

/** The answer key of a window. */
export interface Truth {
  readonly faults: readonly TrueFault[];
  readonly troubles: readonly TrueTrouble[];
  /** Part of every change by its id. */
  readonly roles: ReadonlyMap<string, { readonly role: Role; readonly plausible: boolean }>;
}

const COUNTED_MS = 20 * 60_000;

interface Counted {
  readonly reached: number;
  readonly harmed: number;
}

function count(calls: readonly Call[], cause: number, { models, callers }: Reach, from: number, to: number): Counted {
  let reached = 0;
  let harmed = 0;
  for (const call of calls) {
    if (call.start < from) continue;
    // They are in order of start.
    if (call.start >= to) break;
    if (!models.has(call.model) || !callers.has(call.caller)) continue;
    reached++;
    if (call.cause === cause) harmed++;
  }
  return { reached, harmed };
}

/** Traffic of vanished callers is not there to be counted: what came in the 20 minutes before is what is missing. */
function missing(calls: readonly Call[], { callers, models }: Reach, onset: number, to: number): Counted {
  const before = count(calls, -2, { callers, models }, onset - COUNTED_MS, onset).reached;
  const expected = Math.round((before * (to - onset)) / COUNTED_MS);
  return { reached: expected, harmed: expected };
}

/** Counts what each fault did to the requests that it could reach. */
export function truthOf(
  script: Script,
  { made, effects }: CarriedOut,
  calls: readonly Call[],
  base: number,
  firstTrouble: number,
): Truth {
  const faults = script.faults.flatMap(({ plan }, index): TrueFault[] => {
    const own = effects.filter(({ cause }) => cause === index) as Effect[];
    const breaks = made.find(({ planned }) => planned.fault === index && planned.role === 'fault');
    if (breaks === undefined || own.length === 0) return [];
    const fix = made.find(({ planned }) => planned.fault === index && planned.role === 'fix');
    const onset = Math.min(...own.flatMap(({ from }) => from));
    const until = Math.max(...own.flatMap(({ to }) => to));
    const to = Math.min(until, onset + COUNTED_MS);
    const counted = plan.vanishes ? missing(calls, plan.reach, onset, to) : count(calls, index, plan.reach, onset, to);
    return [
      {
        changeId: breaks.change.id,
        kind: plan.kind,
        onset: base + onset,
        ...(Number.isFinite(until) && { until: base + until }),
        ...(fix !== undefined && { fixId: fix.change.id }),
        ...counted,
        points: counted.reached === 0 ? 0 : (100 * counted.harmed) / counted.reached,
        latency: plan.latency === true,
        vanishes: plan.vanishes === true,
        reach: plan.reach,
      },
    ];
  });
  return {
    faults,
    troubles: script.troubles.map((trouble, index) => ({
      ...trouble,
      ...count(calls, firstTrouble + index, trouble.reach, trouble.from, trouble.to),
      from: base + trouble.from,
      to: base + trouble.to,
    })),
    roles: new Map(
      made.map(({ change, planned }) => [change.id, { role: planned.role, plausible: planned.plausible }]),
    ),
  };
}
