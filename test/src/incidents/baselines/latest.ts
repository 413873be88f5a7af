import type { Algorithm, RankedIncident } from '../judge/algorithm.ts';
import { foundStart } from './failures.ts';

/** Blames the latest change before the onset; says nothing of single changes. */
export const LATEST: Algorithm = {
  name: 'latest change before onset',
  open: ({ window, changes }) => ({
    rank(given, now): RankedIncident[] {
      const start = given ?? foundStart(window, now);
      if (start === undefined) return [];
      const candidates = changes
        .filter(({ occurredAt }) => occurredAt <= start)
        .toSorted((a, b) => b.occurredAt - a.occurredAt)
        .map(({ id }) => ({ kind: 'change' as const, id, name: id }));
      return [{ start, end: undefined, bad: 1, candidates }];
    },
  }),
};
