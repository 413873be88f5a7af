import type { Evidence } from './evidence.ts';
import type { IncidentFilter } from './model.ts';
import { type Rise, type ScanLimits, scanRoom, scanShare } from './scan.ts';
import { type Absence, scanVolume } from './scanVolume.ts';
import { couldSilence, keysSilenced } from './silenced.ts';
import { countTroubles } from './troubleCounts.ts';

/** One series that rose (or, of volume, fell): who, and in what way. Times are epoch milliseconds. */
export interface Trouble {
  readonly kind: 'outcome' | 'attempt' | 'slow' | 'vanished';
  /** Absent for `slow` and `vanished`. */
  readonly signature?: number;
  readonly by: 'model' | 'key';
  /** Requested model (tried model for `attempt`), or caller key. */
  readonly of: string;
  readonly start: number;
  readonly end?: number;
  readonly bad: number;
  readonly total: number;
  readonly nats: number;
}

const LEAST_BAD = 4;
const LEAST_POINTS = 0.02;
/** Hundreds of series are looked at in every step, so that one alone has to be very sure. */
const LEAST_NATS = 11;
/** Where a person says when it began, far less is enough. */
const SENSITIVE_NATS = 5;
const SENSITIVE_BAD = 3;
/** A tenth is above the usual p90 by definition. */
const SLOW_POINTS = 0.1;
const SLOW_SHARE = 0.2;
/**
 * Finds every model and caller key whose requests got into trouble, by class and status, with what was known at
 * `until` (epoch milliseconds). `sensitive` finds far weaker ones, for the time that a person names.
 */
export function findTroubles(
  evidence: Evidence,
  until: number,
  filter?: IncidentFilter,
  sensitive = false,
): readonly Trouble[] {
  const name = `troubles ${until} ${sensitive} ${filter === undefined ? '' : JSON.stringify(filter)}`;
  return evidence.remember(name, () => searchTroubles(evidence, until, filter, sensitive));
}

function searchTroubles(
  evidence: Evidence,
  until: number,
  filter: IncidentFilter | undefined,
  sensitive: boolean,
): readonly Trouble[] {
  const { window, parameters } = evidence;
  const { stepMillis, beforeMillis } = parameters;
  const counts = countTroubles(evidence, until, filter);
  const { bins, models, keys } = counts;
  const limits: ScanLimits = {
    usualBins: Math.ceil(beforeMillis / stepMillis),
    leastBad: sensitive ? SENSITIVE_BAD : LEAST_BAD,
    leastPoints: LEAST_POINTS,
    leastNats: sensitive ? SENSITIVE_NATS : LEAST_NATS,
    leastShare: 0,
  };
  const at = (bin: number): number => window.from + bin * stepMillis;
  const troubles: Trouble[] = [];
  const bad = new Uint32Array(bins);
  const room = scanRoom(bins);
  for (const { kind, signature, by, of, steps } of counts.series) {
    if (steps.length < limits.leastBad) continue;
    bad.fill(0);
    for (const step of steps) bad[step] = (bad[step] ?? 0) + 1;
    const totals =
      kind === 'slow'
        ? counts.successTotal
        : kind === 'attempt'
          ? counts.attemptTotal
          : by === 'key'
            ? counts.keyTotal
            : counts.modelTotal;
    const found = scanShare(
      bad,
      totals.of(of),
      kind === 'slow'
        ? {
            ...limits,
            leastPoints: sensitive ? SLOW_POINTS / 2 : SLOW_POINTS,
            leastShare: sensitive ? SLOW_SHARE / 1.5 : SLOW_SHARE,
          }
        : limits,
      room,
    );
    const named = (by === 'key' ? keys : models)[of] ?? '';
    for (const rise of found) {
      troubles.push({
        kind,
        ...(signature >= 0 && { signature }),
        by,
        of: named,
        ...timesOf(rise, at),
        ...countsOf(rise),
      });
    }
  }
  if (filter === undefined) {
    const silenced = keysSilenced(evidence);
    for (const [of, key] of keys.entries()) {
      if (!silenced.has(key)) continue;
      for (const absence of scanVolume(counts.keyTotal.of(of), counts.all, limits.usualBins)) {
        const { seen, expected } = absence;
        if (!couldSilence(evidence, key, at(absence.start))) continue;
        troubles.push({
          kind: 'vanished',
          by: 'key',
          of: key,
          ...timesOf(absence, at),
          bad: Math.max(0, Math.round(expected - seen)),
          total: Math.round(expected),
          nats: expected - seen,
        });
      }
    }
  }
  return troubles.toSorted((a, b) => a.start - b.start || (a.of < b.of ? -1 : 1));
}

function timesOf(
  found: Rise | Absence,
  at: (bin: number) => number,
): { readonly start: number; readonly end?: number } {
  return { start: at(found.start), ...(found.end !== undefined && { end: at(found.end) }) };
}

const countsOf = ({ bad, total, nats }: Rise) => ({ bad, total, nats });
