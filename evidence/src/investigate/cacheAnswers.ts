import { TREATED } from './control.ts';
import { type Cells, type Control, testCells } from './failures.ts';
import type { Measured } from './measured.ts';
import type { Counts } from './model.ts';
import { eachNear, type NearRow } from './rows.ts';
import type { Sight } from './sight.ts';
import { dispersionOf } from './statistics.ts';
import { DISPERSION_STEPS } from './tally.ts';

/** Without so many answers of the cache before there is nothing to lose. */
const LEAST_HITS = 8;

/**
 * Successes that a cache no longer answers, for changes of cache policies: each of them waits for a provider instead.
 * Durations of the others, which reached a provider before as well, do not tell that. Undefined where no cache answered.
 */
export function cacheAnswers(sight: Sight, control: Control, look: number): Measured | undefined {
  const { evidence, known, tally, before, looks } = sight;
  const { combinations } = evidence;
  const isBad = ({ combination }: NearRow): boolean | undefined => {
    const { result } = combinations[combination] ?? {};
    return result?.outcome === 'success' ? !result.cacheHit : undefined;
  };
  const sides = [0, 1, 2, 3].map(() => ({ bad: 0, total: 0 }));
  const earliest = (before.spans[0]?.from ?? known.time.from) - known.time.to;
  const [badBySteps, totalBySteps] = [new Float64Array(DISPERSION_STEPS), new Float64Array(DISPERSION_STEPS)];
  eachNear(evidence, known, tally, before.spans, looks[look] ?? 0, (near) => {
    const answer = isBad(near);
    const isTreated = near.category === TREATED;
    if (answer === undefined || (!isTreated && !control.categories.includes(near.category))) return;
    const side = sides[(isTreated ? 0 : 2) + (near.since < 0 ? 0 : 1)] ?? { bad: 0, total: 0 };
    side.bad += answer ? 1 : 0;
    side.total++;
    if (!isTreated || near.since >= 0) return;
    const step = Math.min(DISPERSION_STEPS - 1, Math.floor((1 - near.since / earliest) * DISPERSION_STEPS));
    badBySteps[step] = (badBySteps[step] ?? 0) + (answer ? 1 : 0);
    totalBySteps[step] = (totalBySteps[step] ?? 0) + 1;
  });
  const [own, after, controlBefore, controlAfter] = sides as [Counts, Counts, Counts, Counts];
  if (Math.max(own.total - own.bad, after.total - after.bad) < LEAST_HITS) return undefined;
  const cells: Cells = { before: own, after, controlBefore, controlAfter };
  const clustering = dispersionOf(badBySteps, totalBySteps);
  const { worse, better } = known.mechanism;
  return {
    kind: 'slow',
    family: 'slow',
    label: 'not answered by the cache',
    cells,
    tested: testCells(cells, clustering, evidence.parameters, { same: true }),
    clustering,
    mechanismWorse: worse.slow ?? 0,
    mechanismBetter: better.slow ?? 0,
    isNew: false,
    isBad,
  };
}
