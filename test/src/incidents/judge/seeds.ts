/**
 * Which windows of a cell are played. Even seeds are for tuning. Odd ones were reported while the algorithm was being
 * made, so that they are not unseen any more; the report plays fresh ones that nobody has looked at before.
 */
export const SEED_SETS = ['fresh', 'even', 'odd'] as const;
export type SeedSet = (typeof SEED_SETS)[number];

/** The first seed of each set; they go on in steps of two. */
const FIRST: Readonly<Record<SeedSet, number>> = { fresh: 100_001, even: 0, odd: 1 };

export function isSeedSet(name: string): name is SeedSet {
  return SEED_SETS.some((known) => known === name);
}

/** `count` seeds of a set, after the first `skip` of it. */
export function seedsOf(set: SeedSet, skip: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => FIRST[set] + 2 * (skip + index));
}
