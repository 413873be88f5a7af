import { TREATED } from './control.ts';
import type { Evidence, KnownChange } from './evidence.ts';
import { type Cells, type Tested, testCells } from './failures.ts';
import { eachNear, type NearRow } from './rows.ts';
import { quantileOf } from './slowLimits.ts';
import type { Span } from './spans.ts';
import type { Tally } from './tally.ts';

/** Answers of groups near a change: which model gave them, and how long it took. */
export interface Answers {
  readonly entries: readonly { readonly since: number; readonly model: string; readonly duration: number }[];
  /** Median duration of each model before the change, in all traffic. */
  readonly medians: ReadonlyMap<string, number>;
}

/** Harm (or relief) of a shift: expected duration of the new mix by that of the old one. */
export const HARMFUL = 1.25;

export interface MixTest {
  readonly model: string;
  readonly cells: Cells;
  readonly tested: Tested;
  /** Expected duration after by before, from the medians of the models. */
  readonly harm: number;
  readonly isOf: (near: NearRow) => boolean | undefined;
}

/** Answers to requests for groups, which have a choice of models. */
export function answersNear(
  evidence: Evidence,
  known: KnownChange,
  tally: Tally,
  before: readonly Span[],
  afterMillis: number,
): Answers | undefined {
  const { before: wasThen, after: isNow } = known.around;
  const isGroup = (name: string | undefined): boolean =>
    name !== undefined && [wasThen, isNow].some((graph) => (graph.models.get(name)?.targets.length ?? 0) > 1);
  const hasGroups = evidence.combinations.some(
    ({ shape }, number) => tally.category[number] === TREATED && isGroup(shape.requestedModel),
  );
  if (!hasGroups) return undefined;
  const entries: { since: number; model: string; duration: number }[] = [];
  const durations = new Map<string, number[]>();
  const later = new Map<string, number[]>();
  eachNear(evidence, known, tally, before, afterMillis, ({ row, since, category, combination }) => {
    const { shape, result } = evidence.combinations[combination] ?? {};
    if (shape === undefined || result?.outcome !== 'success' || result.cacheHit) return;
    const model = result.servedModel;
    if (model === undefined) return;
    const duration = evidence.window.durationMs[row] ?? 0;
    const seen = since < 0 ? durations : later;
    seen.set(model, seen.get(model) ?? []);
    seen.get(model)?.push(duration);
    if (category === TREATED && isGroup(shape.requestedModel)) entries.push({ since, model, duration });
  });
  const medians = new Map(
    [...later, ...durations].map(([model, values]) => [model, quantileOf(Float64Array.from(values).sort(), 0.5)]),
  );
  return { entries, medians };
}

const LEAST_ANSWERS = 20;
const LEAST_AFTER = 8;

/** Shares of the models that answer, at a look; the one whose share rose most. */
export function testMix(evidence: Evidence, { entries, medians }: Answers, lookMillis: number): MixTest | undefined {
  const before = new Map<string, number>();
  const after = new Map<string, number>();
  let [allBefore, allAfter] = [0, 0];
  for (const { since, model } of entries) {
    if (since >= lookMillis) continue;
    const side = since < 0 ? before : after;
    side.set(model, (side.get(model) ?? 0) + 1);
    if (since < 0) allBefore++;
    else allAfter++;
  }
  if (allBefore < LEAST_ANSWERS || allAfter < LEAST_AFTER) return undefined;
  const share = (side: ReadonlyMap<string, number>, model: string, all: number): number => (side.get(model) ?? 0) / all;
  const models = [...new Set([...before.keys(), ...after.keys()])].sort();
  const [risen] = models.toSorted(
    (a, b) =>
      share(after, b, allAfter) -
      share(before, b, allBefore) -
      (share(after, a, allAfter) - share(before, a, allBefore)),
  );
  if (risen === undefined) return undefined;
  const costOf = (side: ReadonlyMap<string, number>, all: number): number =>
    models.reduce((sum, model) => sum + share(side, model, all) * (medians.get(model) ?? 0), 0);
  const cells: Cells = {
    before: { bad: before.get(risen) ?? 0, total: allBefore },
    after: { bad: after.get(risen) ?? 0, total: allAfter },
    controlBefore: { bad: 0, total: 0 },
    controlAfter: { bad: 0, total: 0 },
  };
  return {
    model: risen,
    cells,
    tested: testCells(cells, 1, evidence.parameters, { same: false }),
    harm: costOf(after, allAfter) / Math.max(1, costOf(before, allBefore)),
    isOf: ({ combination }) => {
      const { result } = evidence.combinations[combination] ?? {};
      if (result?.outcome !== 'success' || result.cacheHit || result.servedModel === undefined) return undefined;
      return result.servedModel === risen;
    },
  };
}
