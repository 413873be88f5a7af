import type { Impact, Verdict } from '@aisix-observability/evidence';

/** What was found in one environment. */
export interface FoundImpact {
  readonly impact: Impact;
  /** n: about every n-th request was looked at. */
  readonly oneIn: number;
}

/** What is worth saying first. */
const ORDER: readonly Verdict[] = [
  'suspect',
  'improves',
  'provider_outage',
  'undecided',
  'cleared',
  'no_effect',
  'no_mechanism',
];

/** Not touched in one environment is nothing beside what was seen in another. */
const rankOf = ({ impact: { verdict, reason } }: FoundImpact): number =>
  reason === 'resource_untouched' ? ORDER.length : ORDER.indexOf(verdict);

/** What is said of a change that was looked at in several environments; it is over when no other look can change it. */
export function worstImpact(found: readonly FoundImpact[]): FoundImpact | undefined {
  const [worst] = found.toSorted((a, b) => rankOf(a) - rankOf(b));
  if (worst === undefined) return undefined;
  const isOver = worst.impact.verdict === 'suspect' || found.every(({ impact }) => impact.settled);
  return { ...worst, impact: { ...worst.impact, settled: worst.impact.settled && isOver } };
}
