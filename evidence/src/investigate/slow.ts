import { TREATED } from './control.ts';
import type { Evidence, KnownChange } from './evidence.ts';
import { type Cells, type Control, MARGINS, type Tested, testCells } from './failures.ts';
import type { Counts } from './model.ts';
import { eachNear, type NearRow } from './rows.ts';
import { durationKey, quantileOf } from './slowLimits.ts';
import type { Span } from './spans.ts';
import { dispersionOf } from './statistics.ts';
import { DISPERSION_STEPS, type Tally } from './tally.ts';

/** A twentieth more above the old p90, or a tenth more above the old median. */
const QUANTILES = [
  { q: 0.9, points: 0.05, name: 'p90' },
  { q: 0.5, points: 0.1, name: 'p50' },
] as const;
/** A quantile of fewer durations is a guess. */
const LEAST_DURATIONS = 20;

/** Durations of successes near a change, by what is comparable. */
interface Durations {
  readonly treated: boolean;
  readonly before: number[];
  readonly beforeSince: number[];
  readonly after: number[];
  readonly afterSince: number[];
}

export interface SlowTest {
  readonly name: 'p90' | 'p50';
  readonly cells: Cells;
  readonly tested: Tested;
  readonly clustering: number;
  /** After by before, beyond the control's; geometric means. */
  readonly ratio: number;
  readonly isSlow: (near: NearRow) => boolean | undefined;
}

/** Every duration near a change once; looks take prefixes of it. */
export function durationsNear(
  evidence: Evidence,
  known: KnownChange,
  tally: Tally,
  before: readonly Span[],
  afterMillis: number,
): ReadonlyMap<string, Durations> {
  const groups = new Map<string, Durations>();
  eachNear(evidence, known, tally, before, afterMillis, ({ row, since, category, combination }) => {
    const { shape, result } = evidence.combinations[combination] ?? {};
    if (shape === undefined || result?.outcome !== 'success' || result.cacheHit) return;
    const key = `${category} ${durationKey(shape)}`;
    let group = groups.get(key);
    if (group === undefined) {
      group = { treated: category === TREATED, before: [], beforeSince: [], after: [], afterSince: [] };
      groups.set(key, group);
    }
    const duration = evidence.window.durationMs[row] ?? 0;
    (since < 0 ? group.before : group.after).push(duration);
    (since < 0 ? group.beforeSince : group.afterSince).push(since);
  });
  return groups;
}

const meanLog = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + Math.log(Math.max(1, value)), 0) / Math.max(1, values.length);

/** Shares of slow successes before and after, at a look. */
export function testSlow(
  evidence: Evidence,
  durations: ReadonlyMap<string, Durations>,
  control: Control,
  lookMillis: number,
  same: boolean,
): SlowTest[] {
  const limits = new Map<string, number>();
  return QUANTILES.flatMap(({ q, points, name }) => {
    const sums = { before: [0, 0], after: [0, 0], controlBefore: [0, 0], controlAfter: [0, 0] };
    const logs = {
      before: [] as number[],
      after: [] as number[],
      controlBefore: [] as number[],
      controlAfter: [] as number[],
    };
    const bad = new Float64Array(DISPERSION_STEPS);
    const total = new Float64Array(DISPERSION_STEPS);
    for (const [key, group] of durations) {
      const [category = '', ...rest] = key.split(' ');
      if (!group.treated && !control.categories.includes(Number(category))) continue;
      if (group.before.length < LEAST_DURATIONS) continue;
      const limit = quantileOf(
        group.before.toSorted((a, b) => a - b),
        q,
      );
      if (group.treated) limits.set(`${rest.join(' ')} ${name}`, limit);
      const after = group.after.filter((_, index) => (group.afterSince[index] ?? 0) < lookMillis);
      const [mineBefore, mineAfter] = group.treated
        ? (['before', 'after'] as const)
        : (['controlBefore', 'controlAfter'] as const);
      for (const [side, values] of [
        [mineBefore, group.before],
        [mineAfter, after],
      ] as const) {
        sums[side][0] = (sums[side][0] ?? 0) + values.filter((value) => value > limit).length;
        sums[side][1] = (sums[side][1] ?? 0) + values.length;
        logs[side].push(...values);
      }
      if (!group.treated) continue;
      const earliest = Math.min(0, ...group.beforeSince.slice(0, 1));
      for (const [index, value] of group.before.entries()) {
        const since = group.beforeSince[index] ?? 0;
        const step = Math.min(
          DISPERSION_STEPS - 1,
          Math.floor(((since - earliest) / Math.max(1, -earliest)) * DISPERSION_STEPS),
        );
        total[step] = (total[step] ?? 0) + 1;
        if (value > limit) bad[step] = (bad[step] ?? 0) + 1;
      }
    }
    const cell = ([slow = 0, all = 0]: readonly number[]): Counts => ({ bad: slow, total: all });
    const cells: Cells = {
      before: cell(sums.before),
      after: cell(sums.after),
      controlBefore: cell(sums.controlBefore),
      controlAfter: cell(sums.controlAfter),
    };
    if (cells.before.total < LEAST_DURATIONS || cells.after.total === 0) return [];
    const clustering = dispersionOf(bad, total);
    const tested = testCells(cells, clustering, evidence.parameters, { same, points });
    const drift = cells.controlBefore.total > 0 ? meanLog(logs.controlAfter) - meanLog(logs.controlBefore) : 0;
    return [
      {
        name,
        cells,
        tested,
        clustering,
        ratio: Math.exp(meanLog(logs.after) - meanLog(logs.before) - drift),
        isSlow: ({ row, combination }: NearRow) => {
          const { shape, result } = evidence.combinations[combination] ?? {};
          if (shape === undefined || result?.outcome !== 'success' || result.cacheHit) return undefined;
          const limit = limits.get(`${durationKey(shape)} ${name}`);
          return limit === undefined ? undefined : (evidence.window.durationMs[row] ?? 0) > limit;
        },
      },
    ];
  });
}

export const SLOW_MARGIN = MARGINS;
