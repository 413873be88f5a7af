import { expect, test } from 'vitest';
import { END, evidenceOf, LIMITED, OK, row } from './testing/exampleWindow.ts';
import { countTroubles } from './troubleCounts.ts';

const busy = Array.from({ length: 200 }, (_, place) =>
  row(place * 1_000, 'busy', 'web', place % 2 === 0 ? LIMITED : OK),
);
const madeUp = Array.from({ length: 200 }, (_, place) => row(place * 1_000 + 1, `made-up-${place}`, 'web', LIMITED));

test('of more models than there is room for, those with most requests are counted, and callers for all', () => {
  const evidence = evidenceOf([...madeUp, ...busy], []);
  const all = countTroubles(evidence, END, undefined);
  const most = countTroubles(evidence, END, undefined, 3 * all.bins);
  expect(all.models).toHaveLength(201);
  expect(most.models).toHaveLength(3);
  expect(most.models).toContain('busy');
  expect(most.keys).toEqual(all.keys);
  expect(most.keyTotal.of(0)).toEqual(all.keyTotal.of(0));
  expect(most.all).toEqual(all.all);
  const [number, numberOfAll] = [most.models.indexOf('busy'), all.models.indexOf('busy')];
  expect(most.modelTotal.of(number)).toEqual(all.modelTotal.of(numberOfAll));
  const stepsOf = ({ series }: typeof all, by: 'model' | 'key', of: number) =>
    [...series].filter((one) => one.by === by && one.of === of).map(({ kind, steps }) => ({ kind, steps }));
  const fresh = countTroubles(evidence, END, undefined);
  expect(stepsOf(most, 'model', number)).toEqual(stepsOf(fresh, 'model', numberOfAll));
});
