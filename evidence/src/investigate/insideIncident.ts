import { rememberAbout } from './evidence.ts';
import type { Sight } from './sight.ts';
import type { Span } from './spans.ts';
import type { Trouble } from './symptoms.ts';
import { tally as count, type Tally } from './tally.ts';

/** What was broken, since when. */
export type Broken = Pick<Trouble, 'kind' | 'signature' | 'start' | 'end' | 'of' | 'bad' | 'total'>;

/** The part of an incident that lies right before the change. */
export function insideOf({ known, evidence }: Sight, { start }: Pick<Broken, 'start'>): Span {
  return {
    from: Math.max(start, known.time.from - evidence.parameters.beforeMillis, evidence.window.from),
    to: known.time.from,
  };
}

export function tallyInside(sight: Sight, inside: Span): Tally {
  const { evidence, known, looks } = sight;
  return rememberAbout(evidence, known, `inside ${inside.from}`, () =>
    known.touch === undefined ? sight.tally : count(evidence, known, known.touch, [inside], looks),
  );
}
