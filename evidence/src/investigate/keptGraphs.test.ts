import { expect, test } from 'vitest';
import { keptGraphs } from './keptGraphs.ts';

const entriesOf = (count: number) =>
  Array.from({ length: count }, (_, place) => ({
    kind: 'model',
    id: `id-${place}`,
    name: `model-${place}`,
    environment: 'prod',
    value: {},
  }));

test('graphs are kept as long as there is room, at least two of them, and made again alike', () => {
  const graphs = keptGraphs(10);
  const [a, b, c] = [entriesOf(4), entriesOf(4), entriesOf(4)];
  const first = graphs(a);
  expect([graphs(b), graphs(a)]).toEqual([expect.anything(), first]);
  expect(graphs(a)).toBe(first);
  graphs(c);
  // `b` was asked for longest ago.
  expect(graphs(a)).toBe(first);
  const [large, larger] = [entriesOf(100), entriesOf(200)];
  const kept = graphs(large);
  expect(graphs(larger).models.size).toBe(200);
  expect(graphs(large)).toBe(kept);
  expect(graphs(a)).not.toBe(first);
  expect([...graphs(a).models]).toEqual([...first.models]);
});
