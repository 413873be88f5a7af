import { TREATED } from './control.ts';
import type { Evidence, KnownChange } from './evidence.ts';
import { type Cells, type Control, type Tested, testCells } from './failures.ts';
import type { Counts } from './model.ts';
import { eachNear, type NearRow } from './rows.ts';
import { durationCodes, quantileOf } from './slowLimits.ts';
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

/** Durations of successes near a change that are comparable: one category, one model, streamed or not. */
interface Group {
  readonly category: number;
  readonly before: number[];
  readonly beforeSince: number[];
  readonly after: number[];
  readonly afterLog: number[];
  readonly afterSince: number[];
}

/** A group against its own old quantiles. */
interface Compared {
  readonly category: number;
  /** Of `durationCodes`. */
  readonly code: number;
  readonly group: Group;
  /** By quantile. */
  readonly limits: readonly number[];
  readonly slowBefore: readonly number[];
  readonly logBefore: number;
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

/** Every duration near a change, once for all looks. */
export interface Durations {
  readonly compared: readonly Compared[];
  /** By quantile: how much slow ones of the treated clustered before. */
  readonly clustering: readonly number[];
}

const logOf = (duration: number): number => Math.log(Math.max(1, duration));
const countAbove = (values: readonly number[], limit: number): number =>
  values.reduce((count, value) => count + (value > limit ? 1 : 0), 0);

function clusteringOf(treated: readonly Compared[], quantile: number): number {
  const bad = new Float64Array(DISPERSION_STEPS);
  const total = new Float64Array(DISPERSION_STEPS);
  const earliest = Math.min(-1, ...treated.map(({ group }) => group.beforeSince[0] ?? 0));
  for (const { group, limits } of treated) {
    const limit = limits[quantile] ?? 0;
    for (const [index, value] of group.before.entries()) {
      const since = group.beforeSince[index] ?? 0;
      const step = Math.min(DISPERSION_STEPS - 1, Math.floor(((since - earliest) / -earliest) * DISPERSION_STEPS));
      total[step] = (total[step] ?? 0) + 1;
      if (value > limit) bad[step] = (bad[step] ?? 0) + 1;
    }
  }
  return dispersionOf(bad, total);
}

export function durationsNear(
  evidence: Evidence,
  known: KnownChange,
  tally: Tally,
  before: readonly Span[],
  afterMillis: number,
): Durations {
  const { code: codes } = durationCodes(evidence);
  // In the order of their first requests.
  const groups = new Map<number, Group[]>();
  const byCode: (Group[] | undefined)[] = [];
  eachNear(evidence, known, tally, before, afterMillis, ({ row, since, category, combination }) => {
    const code = codes[combination] ?? -1;
    if (code < 0) return;
    let byCategory = byCode[code];
    if (byCategory === undefined) {
      byCategory = [];
      byCode[code] = byCategory;
      groups.set(code, byCategory);
    }
    let group = byCategory[category];
    if (group === undefined) {
      group = { category, before: [], beforeSince: [], after: [], afterLog: [], afterSince: [] };
      byCategory[category] = group;
    }
    const duration = evidence.window.durationMs[row] ?? 0;
    if (since < 0) {
      group.before.push(duration);
      group.beforeSince.push(since);
    } else {
      group.after.push(duration);
      group.afterLog.push(logOf(duration));
      group.afterSince.push(since);
    }
  });
  const compared = [...groups].flatMap(([code, byCategory]) =>
    byCategory.flatMap((group): Compared[] => {
      if (group === undefined || group.before.length < LEAST_DURATIONS) return [];
      const sorted = Float64Array.from(group.before).sort();
      const limits = QUANTILES.map(({ q }) => quantileOf(sorted, q));
      return [
        {
          category: group.category,
          code,
          group,
          limits,
          slowBefore: limits.map((limit) => countAbove(group.before, limit)),
          logBefore: group.before.reduce((sum, value) => sum + logOf(value), 0),
        },
      ];
    }),
  );
  const treated = compared.filter(({ category }) => category === TREATED);
  return { compared, clustering: QUANTILES.map((_, quantile) => clusteringOf(treated, quantile)) };
}

interface Side {
  bad: number;
  total: number;
  log: number;
}

const meanLog = ({ log, total }: Side): number => log / Math.max(1, total);
const countsOf = ({ bad, total }: Side): Counts => ({ bad, total });

/** Shares of slow successes before and after, at a look. */
export function testSlow(
  evidence: Evidence,
  { compared, clustering }: Durations,
  control: Control,
  lookMillis: number,
  same: boolean,
): SlowTest[] {
  const { code: codes } = durationCodes(evidence);
  return QUANTILES.flatMap(({ points, name }, quantile) => {
    const sides = [0, 1, 2, 3].map((): Side => ({ bad: 0, total: 0, log: 0 }));
    const [before, after, controlBefore, controlAfter] = sides as [Side, Side, Side, Side];
    const limits = new Map<number, number>();
    for (const { category, code, group, limits: own, slowBefore, logBefore } of compared) {
      const isTreated = category === TREATED;
      if (!isTreated && !control.categories.includes(category)) continue;
      const limit = own[quantile] ?? 0;
      if (isTreated) limits.set(code, limit);
      const old = isTreated ? before : controlBefore;
      old.bad += slowBefore[quantile] ?? 0;
      old.total += group.before.length;
      old.log += logBefore;
      const side = isTreated ? after : controlAfter;
      for (let index = 0; index < group.after.length; index++) {
        if ((group.afterSince[index] ?? 0) >= lookMillis) continue;
        side.total++;
        if ((group.after[index] ?? 0) > limit) side.bad++;
        side.log += group.afterLog[index] ?? 0;
      }
    }
    if (before.total < LEAST_DURATIONS || after.total === 0) return [];
    const cells: Cells = {
      before: countsOf(before),
      after: countsOf(after),
      controlBefore: countsOf(controlBefore),
      controlAfter: countsOf(controlAfter),
    };
    const clustered = clustering[quantile] ?? 1;
    const drift = controlBefore.total > 0 ? meanLog(controlAfter) - meanLog(controlBefore) : 0;
    return [
      {
        name,
        cells,
        tested: testCells(cells, clustered, evidence.parameters, { same, points }),
        clustering: clustered,
        ratio: Math.exp(meanLog(after) - meanLog(before) - drift),
        isSlow: ({ row, combination }: NearRow) => {
          const limit = limits.get(codes[combination] ?? -1);
          return limit === undefined ? undefined : (evidence.window.durationMs[row] ?? 0) > limit;
        },
      },
    ];
  });
}
