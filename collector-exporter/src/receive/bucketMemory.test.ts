import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTakenObjects, type ListedObject } from './bucketMemory.ts';

const object = (n: number, modifiedAt = n * 1000): ListedObject => ({ key: `p/dt/${n}.ndjson`, size: 1, modifiedAt });
const keys = (objects: readonly ListedObject[]) => objects.map(({ key }) => key);

test('nothing is missed, whatever arrives with whatever time, is deleted, settled, saved or loaded in between', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('put' as const), n: fc.nat(40), at: fc.nat(20) }),
    fc.record({ do: fc.constant('delete' as const), n: fc.nat(40) }),
    fc.record({ do: fc.constantFrom('read' as const, 'settle' as const, 'restart' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let memory = createTakenObjects();
      const store = new Map<string, ListedObject>();
      const read = new Set<string>();
      for (const action of steps) {
        // A key is a hash of its content: it comes once and never changes.
        if (action.do === 'put' && !store.has(object(action.n).key)) {
          store.set(object(action.n).key, object(action.n, action.at * 1000));
        } else if (action.do === 'delete') store.delete(object(action.n).key);
        else if (action.do === 'settle') memory.settle('p');
        else if (action.do === 'restart') memory = createTakenObjects(JSON.parse(JSON.stringify(memory.snapshot())));
        else if (action.do === 'read') {
          const { objects } = memory.unseen('p', [...store.values()]);
          for (const found of objects) {
            read.add(found.key);
            memory.take('p', found);
          }
          for (const key of store.keys()) expect(read).toContain(key);
          expect(memory.unseen('p', [...store.values()]).objects).toEqual([]);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('what was settled is told apart from a late object without reading it again', () => {
  const memory = createTakenObjects();
  const first = [object(1), object(2), object(3)];
  for (const taken of first) memory.take('p', taken);
  memory.settle('p');
  expect([memory.isSettled('p'), memory.size()]).toEqual([true, 0]);
  expect(memory.unseen('p', first)).toEqual({ objects: [], again: false });
  const late = object(9);
  expect(memory.unseen('p', [late, ...first])).toEqual({ objects: [late], again: false });
  // Modified in the same second as the newest known one: only reading all again is safe.
  const same = object(10, 3000);
  const { objects, again } = memory.unseen('p', [...first, same]);
  expect([again, keys(objects)]).toEqual([true, keys([...first, same])]);
});

test('partitions are apart, and are forgotten as a whole', () => {
  const memory = createTakenObjects();
  memory.take('a', object(1));
  expect([memory.has('a', object(1).key), memory.has('b', object(1).key)]).toEqual([true, false]);
  expect(keys(memory.unseen('b', [object(1)]).objects)).toHaveLength(1);
  memory.settle('b');
  expect(memory.partitions()).toEqual(['a', 'b']);
  memory.forget('a');
  expect([memory.partitions(), memory.size('a'), memory.has('a', object(1).key)]).toEqual([['b'], 0, false]);
});
