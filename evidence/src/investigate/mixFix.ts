import { rememberAbout } from './evidence.ts';
import { cellsOf, controlOf } from './failures.ts';
import { tallyInside } from './insideIncident.ts';
import type { Measured } from './measured.ts';
import { LEAST_MECHANISM } from './mechanism.ts';
import { restoredChange } from './noEffect.ts';
import type { Sight } from './sight.ts';
import type { Span } from './spans.ts';
import { answersNear, testMix } from './targetMix.ts';

const LIKELY_MECHANISM = 0.6;
const LEAST_HIDDEN = 3;
/** Relief of a shift back to the faster model. */
const RELIEF = 0.8;

/** Whether attempts at what is touched failed inside, and no more after: a group that goes back to it shows the rest. */
function endsHiddenFailures(sight: Sight, inside: Span, look: number): boolean {
  const { evidence, known } = sight;
  const all = evidence.signatures.signatures;
  const tally = tallyInside(sight, inside);
  return all.some(({ family }, signature) => {
    if ((known.mechanism.better[family] ?? 0) < LIKELY_MECHANISM) return false;
    return (['tried', 'ended'] as const).some((which) => {
      const { before, after } = cellsOf(tally, which, signature, all.length, controlOf(tally, look), look);
      return before.bad >= LEAST_HIDDEN && after.bad * before.total * 4 < before.bad * after.total;
    });
  });
}

/** What a group that goes back to its usual models ended. */
export function mixFix(sight: Sight, look: number): Measured | undefined {
  const { evidence, known, tally, looks, before } = sight;
  if (!evidence.parameters.ablations.targetMix) return undefined;
  const restored = restoredChange(evidence, known);
  // Without a value that comes back there is no telling which mix is the usual one.
  if (restored === undefined || (known.mechanism.better.target_mix ?? 0) < LEAST_MECHANISM) return undefined;
  const inside: Span = {
    from: Math.max(restored.time.to, before.spans[0]?.from ?? evidence.window.from),
    to: known.time.from,
  };
  const answers = rememberAbout(evidence, known, 'answers inside', () =>
    answersNear(evidence, known, tally, [inside], looks.at(-1) ?? 0),
  );
  const test = answers === undefined ? undefined : testMix(evidence, answers, looks[look] ?? 0);
  if (test === undefined || (test.harm > RELIEF && !endsHiddenFailures(sight, inside, look))) return undefined;
  return {
    kind: 'target_mix',
    family: 'target_mix',
    label: `answered by ${test.model}`,
    model: test.model,
    cells: test.cells,
    // More of the faster model is what makes it better.
    tested: { ...test.tested, better: test.tested.worse, worse: 0 },
    clustering: 1,
    mechanismWorse: 0,
    mechanismBetter: known.mechanism.better.target_mix ?? 0,
    isNew: false,
    ratio: test.harm,
    isBad: (near) => {
      const answer = test.isOf(near);
      return answer === undefined ? undefined : !answer;
    },
  };
}
