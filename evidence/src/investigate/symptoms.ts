import type { Evidence } from './evidence.ts';
import { firstAt } from './evidence.ts';
import { isWanted } from './incidentFilter.ts';
import type { IncidentFilter } from './model.ts';
import { type Absence, type Rise, type ScanLimits, scanShare, scanVolume } from './scan.ts';
import { couldSilence, keysSilenced } from './silenced.ts';
import { slowLimits } from './slowLimits.ts';

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
/** Keys beyond this are only seen through the models that they use. */
const MAX_KEYS = 3_000;

const KINDS = ['outcome', 'attempt', 'slow'] as const;

interface Series {
  readonly kind: 'outcome' | 'attempt' | 'slow';
  readonly signature: number;
  readonly by: 'model' | 'key';
  readonly of: number;
  readonly bad: Float64Array;
}

/** Every different text once. */
function numbering(): { readonly names: string[]; of(name: string): number } {
  const names: string[] = [];
  const numbers = new Map<string, number>();
  return {
    names,
    of(name) {
      const known = numbers.get(name);
      if (known !== undefined) return known;
      numbers.set(name, names.length);
      return names.push(name) - 1;
    },
  };
}

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
  const { window, combination, combinations, signatures, parameters } = evidence;
  const { stepMillis, beforeMillis } = parameters;
  // A last step that is not over yet would look like silence.
  const bins = Math.max(0, Math.floor((Math.min(until, window.to) - window.from) / stepMillis));
  const wanted = isWanted(evidence, filter);
  const models = numbering();
  const keys = numbering();
  const modelOf = Int32Array.from(combinations, ({ shape }) => models.of(shape.requestedModel ?? ''));
  const keyOf = Int32Array.from(combinations, ({ shape }) => {
    const key = shape.apiKeyId ?? shape.apiKeyName;
    return key === undefined || keys.names.length >= MAX_KEYS ? -1 : keys.of(key);
  });
  const triedOf = combinations.map(({ result, resultNumber }) => {
    const end = signatures.ended[resultNumber] ?? -1;
    const all = result.attempts.map(({ model }, place) => ({
      model: models.of(model ?? ''),
      signature: signatures.ofAttempts[resultNumber]?.[place] ?? -1,
    }));
    return all.filter(
      ({ model, signature }, index) =>
        signature >= 0 &&
        signature !== end &&
        all.findIndex((one) => one.model === model && one.signature === signature) === index,
    );
  });
  const attemptedOf = combinations.map(({ result }) => [
    ...new Set(result.attempts.map(({ model }) => models.of(model ?? ''))),
  ]);
  const totals = (count: number): Float64Array[] => Array.from({ length: count }, () => new Float64Array(bins));
  const modelTotal = totals(models.names.length);
  const attemptTotal = totals(models.names.length);
  const successTotal = totals(models.names.length);
  const keyTotal = totals(keys.names.length);
  const all = new Float64Array(bins);
  const series = new Map<number, Series>();
  const width = Math.max(models.names.length, keys.names.length) + 1;
  const height = signatures.signatures.length + 1;
  const bump = (kind: Series['kind'], signature: number, by: Series['by'], of: number, bin: number): void => {
    const group = KINDS.indexOf(kind) * 2 + (by === 'key' ? 1 : 0);
    const key = (group * height + signature + 1) * width + of;
    let one = series.get(key);
    if (one === undefined) {
      one = { kind, signature, by, of, bad: new Float64Array(bins) };
      series.set(key, one);
    }
    one.bad[bin] = (one.bad[bin] ?? 0) + 1;
  };
  const count = (list: readonly Float64Array[], of: number, bin: number): void => {
    const column = list[of];
    if (column !== undefined) column[bin] = (column[bin] ?? 0) + 1;
  };
  const slow = slowLimits(evidence);
  const end = firstAt(window, window.from + bins * stepMillis);
  for (let row = 0; row < end; row++) {
    const number = combination[row] ?? 0;
    if (wanted[number] === 0) continue;
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(((window.startTime[row] ?? 0) - window.from) / stepMillis)));
    const model = modelOf[number] ?? 0;
    const key = keyOf[number] ?? -1;
    all[bin] = (all[bin] ?? 0) + 1;
    count(modelTotal, model, bin);
    if (key >= 0) count(keyTotal, key, bin);
    const { resultNumber, result } = combinations[number] ?? { resultNumber: 0, result: undefined };
    const signature = signatures.ended[resultNumber] ?? -1;
    if (signature >= 0) {
      bump('outcome', signature, 'model', model, bin);
      if (key >= 0) bump('outcome', signature, 'key', key, bin);
    } else if (result?.outcome === 'success' && !result.cacheHit) {
      count(successTotal, model, bin);
      const limit = slow.limitOf(window.shape[row] ?? 0);
      if (limit !== undefined && (window.durationMs[row] ?? 0) > limit) bump('slow', -1, 'model', model, bin);
    }
    for (const attempted of attemptedOf[number] ?? []) count(attemptTotal, attempted, bin);
    for (const tried of triedOf[number] ?? []) bump('attempt', tried.signature, 'model', tried.model, bin);
  }

  const limits: ScanLimits = {
    usualBins: Math.ceil(beforeMillis / stepMillis),
    leastBad: sensitive ? SENSITIVE_BAD : LEAST_BAD,
    leastPoints: LEAST_POINTS,
    leastNats: sensitive ? SENSITIVE_NATS : LEAST_NATS,
    leastShare: 0,
  };
  const at = (bin: number): number => window.from + bin * stepMillis;
  const troubles: Trouble[] = [];
  for (const { kind, signature, by, of, bad } of series.values()) {
    const total =
      kind === 'slow'
        ? successTotal[of]
        : kind === 'attempt'
          ? attemptTotal[of]
          : (by === 'key' ? keyTotal : modelTotal)[of];
    const found = scanShare(
      bad,
      total ?? [],
      kind === 'slow'
        ? {
            ...limits,
            leastPoints: sensitive ? SLOW_POINTS / 2 : SLOW_POINTS,
            leastShare: sensitive ? SLOW_SHARE / 1.5 : SLOW_SHARE,
          }
        : limits,
    );
    const named = (by === 'key' ? keys : models).names[of] ?? '';
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
    for (const [of, own] of keyTotal.entries()) {
      if (!silenced.has(keys.names[of] ?? '')) continue;
      for (const absence of scanVolume(own, all, limits.usualBins)) {
        const { seen, expected } = absence;
        if (!couldSilence(evidence, keys.names[of] ?? '', at(absence.start))) continue;
        troubles.push({
          kind: 'vanished',
          by: 'key',
          of: keys.names[of] ?? '',
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
