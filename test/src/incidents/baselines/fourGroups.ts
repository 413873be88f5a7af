import type { ConfigChange } from '@aisix-observability/evidence';
import type { JudgedInput } from '../judge/algorithm.ts';
import { failedResults, rowAt } from './failures.ts';
import { entriesAt, type Treated, treatedBy } from './groups.ts';

export interface Counted {
  bad: number;
  total: number;
}

/** Treated and control, before and after. */
export interface FourGroups {
  readonly treatedBefore: Counted;
  readonly treatedAfter: Counted;
  readonly controlBefore: Counted;
  readonly controlAfter: Counted;
  /** Over-dispersion of the treated group's failures a minute before. */
  readonly phi: number;
}

/** Rows of one change: treated, siblings (1), others (2) by row. */
export interface Sides {
  readonly treated: Treated;
  readonly siblings: Treated;
}

const LEAST_CONTROL = 50;
const MINUTE = 60_000;

/** B3: siblings are models of the same provider key; for callers and policies, other callers of the same models. */
export function sidesOf(change: ConfigChange, input: JudgedInput): Sides {
  const { window } = input;
  const treated = treatedBy(change, input);
  if (change.resource.kind === 'model') {
    const entries = entriesAt(input, change.occurredAt);
    const own = entries.find(({ id }) => id === change.resource.id)?.value.provider_key_id;
    const names = new Set(
      entries.filter(({ value }) => own !== undefined && value.provider_key_id === own).map(({ name }) => name),
    );
    const sibling = window.shapes.map(({ requestedModel }) => names.has(requestedModel));
    return { treated, siblings: { has: (row) => !treated.has(row) && sibling[window.shape[row] ?? -1] === true } };
  }
  const models = new Set<string | undefined>();
  const seen = new Set<number>();
  for (let row = 0; row < window.length; row++) {
    const shape = window.shape[row] ?? -1;
    if (seen.has(shape)) continue;
    seen.add(shape);
    if (treated.has(row)) models.add(window.shapes[shape]?.requestedModel);
  }
  const calls = window.shapes.map(({ requestedModel }) => models.has(requestedModel));
  return { treated, siblings: { has: (row) => !treated.has(row) && calls[window.shape[row] ?? -1] === true } };
}

/** Overdispersion by minute, 1 to 10; 1.5 where there is little to see. */
function phiOf(bad: Float64Array, all: Float64Array, total: Counted): number {
  if (total.total < 50) return 1.5;
  const share = (total.bad + 0.5) / (total.total + 1);
  let chi = 0;
  let steps = 0;
  for (let minute = 0; minute < bad.length; minute++) {
    const n = all[minute] ?? 0;
    if (n === 0) continue;
    chi += ((bad[minute] ?? 0) - n * share) ** 2 / (n * share * (1 - share));
    steps++;
  }
  return Math.min(10, Math.max(1, chi / Math.max(1, steps - 1)));
}

/** Counts what is bad by `isBad` in `[from − before, from)` and `[afterFrom, to)`. */
export function fourGroups(
  input: JudgedInput,
  { treated, siblings }: Sides,
  isBad: (row: number) => boolean | undefined,
  times: { readonly from: number; readonly before: number; readonly to: number },
): FourGroups {
  const { window } = input;
  const groups = [0, 0, 0].map(() => [0, 0].map((): Counted => ({ bad: 0, total: 0 })));
  const minutes = Math.ceil(times.before / MINUTE);
  const bad = new Float64Array(minutes);
  const all = new Float64Array(minutes);
  const start = times.from - times.before;
  const last = rowAt(window, times.to);
  for (let row = rowAt(window, start); row < last; row++) {
    const is = isBad(row);
    if (is === undefined) continue;
    const at = window.startTime[row] ?? 0;
    const side = treated.has(row) ? 0 : siblings.has(row) ? 1 : 2;
    const counted = groups[side]?.[at < times.from ? 0 : 1];
    if (counted === undefined) continue;
    counted.total++;
    if (is) counted.bad++;
    if (side === 0 && at < times.from) {
      const minute = Math.floor((at - start) / MINUTE);
      all[minute] = (all[minute] ?? 0) + 1;
      if (is) bad[minute] = (bad[minute] ?? 0) + 1;
    }
  }
  const none: Counted = { bad: 0, total: 0 };
  const [own = [], near = [], far = []] = groups;
  const [nearBefore = none, nearAfter = none] = near;
  const enough = nearBefore.total >= LEAST_CONTROL && nearAfter.total >= LEAST_CONTROL;
  const sum = (a: Counted = none, b: Counted = none): Counted => ({ bad: a.bad + b.bad, total: a.total + b.total });
  return {
    treatedBefore: own[0] ?? none,
    treatedAfter: own[1] ?? none,
    controlBefore: enough ? nearBefore : sum(near[0], far[0]),
    controlAfter: enough ? nearAfter : sum(near[1], far[1]),
    phi: phiOf(bad, all, own[0] ?? none),
  };
}

/** Any failure, whatever its class. */
export function failures({ window }: JudgedInput): (row: number) => boolean {
  const failed = failedResults(window);
  return (row) => failed[window.result[row] ?? -1] === true;
}

/** Successes above the ninetieth percentile of their side before the change; cache hits do not count. */
export function slowOnes(input: JudgedInput, { treated }: Sides, from: number, before: number) {
  const { window } = input;
  const first = rowAt(window, from - before);
  const last = rowAt(window, from);
  const own = new Float32Array(last - first);
  const rest = new Float32Array(last - first);
  let owned = 0;
  let others = 0;
  const isSuccess = (row: number) => {
    const result = window.results[window.result[row] ?? -1];
    return result?.outcome === 'success' && !result.cacheHit;
  };
  for (let row = first; row < last; row++) {
    if (!isSuccess(row)) continue;
    if (treated.has(row)) own[owned++] = window.durationMs[row] ?? 0;
    else rest[others++] = window.durationMs[row] ?? 0;
  }
  // Typed arrays sort by number, and faster.
  const p90 = (values: Float32Array) => values.sort()[Math.floor(values.length * 0.9)] ?? Number.POSITIVE_INFINITY;
  const limits = [p90(own.subarray(0, owned)), p90(rest.subarray(0, others))] as const;
  return (row: number): boolean | undefined =>
    isSuccess(row) ? (window.durationMs[row] ?? 0) > limits[treated.has(row) ? 0 : 1] : undefined;
}
