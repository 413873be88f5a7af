import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fatesIn, sharingFates } from './fates.ts';
import { graphOf } from './resourceGraph.ts';

/** As it is said: whoever has a fate in common with somebody of a group belongs to it. */
function oneByOne(items: readonly (readonly string[])[]): (readonly string[])[][] {
  const groups: (readonly string[])[][] = [];
  for (const item of items) {
    const joined = groups.filter((group) => group.some((one) => one.some((fate) => item.includes(fate))));
    for (const group of joined) groups.splice(groups.indexOf(group), 1);
    groups.push([...joined.flat(), item]);
  }
  return groups;
}

test('groups by fate are those of comparing everybody with everybody, in the same order', () => {
  const fates = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(fates, { maxLength: 12 }), (items) => {
      expect(sharingFates(items, (item) => new Set(item))).toEqual(oneByOne(items));
    }),
  );
});

test('models share the provider keys at which they end, also where hundreds of groups hold each other', () => {
  const names = Array.from({ length: 300 }, (_, number) => `group-${number}`);
  const model = (name: string, value: Readonly<Record<string, unknown>>) => ({
    kind: 'model',
    id: name,
    name,
    environment: 'prod',
    value,
  });
  const fates = fatesIn(
    graphOf([
      ...names.map((name) => model(name, { routing: { targets: [...names, 'direct'] } })),
      model('direct', { provider_key_id: 'key' }),
    ]),
  );
  expect([...fates('group-0')]).toEqual(['itself group-0', 'key']);
  expect(fates('direct').has('key')).toBe(true);
});
