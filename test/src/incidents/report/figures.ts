import { type Counts, shareOf } from '../judge/counts.ts';
import { GATES, JUDGE } from '../parameters.ts';
import { wilson } from './wilson.ts';

/** One figure of the report: a share with what it counts. */
export interface Figure {
  readonly name: string;
  readonly part: string;
  readonly whole: string;
}

const GATED = JUDGE.gatedRank;

export const FIGURES = {
  first: { name: 'P@1', part: `rank.${GATED}.first`, whole: `rank.${GATED}` },
  firstThree: { name: 'P@3', part: `rank.${GATED}.three`, whole: `rank.${GATED}` },
  recall: { name: 'recall', part: 'fault.found', whole: 'fault' },
  seen: { name: 'recall of those with enough requests', part: 'seen.found', whole: 'seen' },
  falseSuspects: { name: 'false suspects', part: 'harmless.suspected', whole: 'harmless' },
  wrongCleared: { name: 'wrong cleared', part: 'fault.cleared', whole: 'fault' },
  fixes: { name: 'fixes recognised', part: 'fix.improves', whole: 'fix' },
} as const satisfies Record<string, Figure>;

export function shareOfFigure(counts: Counts, { part, whole }: Figure): number | undefined {
  return shareOf(counts, part, whole);
}

/** A share as the tables write it, with what it was counted on. */
export function shown(counts: Counts, figure: Figure, digits = 1): string {
  const share = shareOfFigure(counts, figure);
  if (share === undefined) return '–';
  return `${(100 * share).toFixed(digits)} % of ${counts[figure.whole]}`;
}

function intervalOf(counts: Counts, { part, whole }: Figure, digits: number): string {
  const { low, high } = wilson(counts[part] ?? 0, counts[whole] ?? 0);
  return `${(100 * low).toFixed(digits)}–${(100 * high).toFixed(digits)} %`;
}

/** One gate: what has to hold, and what does. */
export interface Gate {
  readonly name: string;
  readonly bound: string;
  readonly value: string;
  /** What a share like this can be by chance: Wilson's 95 % interval. */
  readonly interval: string;
  readonly holds: boolean;
}

/** The gates on pooled counts: of all gated cells, of the quiet and disturbed ones, and of those with a provider down. */
export function gatesOf(all: Counts, undisturbed: Counts, outage: Counts): Gate[] {
  const least = (name: string, counts: Counts, figure: Figure, bound: number): Gate => ({
    name,
    bound: `≥ ${bound}`,
    value: shown(counts, figure),
    interval: intervalOf(counts, figure, 1),
    holds: (shareOfFigure(counts, figure) ?? 0) >= bound,
  });
  const most = (name: string, counts: Counts, figure: Figure, bound: number): Gate => ({
    name,
    bound: `≤ ${bound}`,
    value: shown(counts, figure, 2),
    interval: intervalOf(counts, figure, 2),
    holds: (shareOfFigure(counts, figure) ?? 1) <= bound,
  });
  return [
    least('the true change is first', all, FIGURES.first, GATES.first),
    least('the true change is among the first three', all, FIGURES.firstThree, GATES.firstThree),
    most('false suspects, quiet and disturbed', undisturbed, FIGURES.falseSuspects, GATES.falseSuspects),
    most('false suspects, provider outage', outage, FIGURES.falseSuspects, GATES.falseSuspectsOutage),
    least('recall of faults above two points', all, FIGURES.recall, GATES.recall),
    most('faults above two points that were cleared', all, FIGURES.wrongCleared, GATES.wrongCleared),
    least('fixes recognised', all, FIGURES.fixes, GATES.fixes),
  ];
}
