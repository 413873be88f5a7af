import type { FoundSymptom } from './foundIncident.ts';
import type { ResourceGraph } from './resourceGraph.ts';

/** Names of what models share when they may suffer from one cause: a provider key, or one leading to the other. */
export type Fates = (model: string) => ReadonlySet<string>;

/** Followed once for each model: thousands of them are compared with each other. */
export function fatesIn(graph: ResourceGraph): Fates {
  const known = new Map<string, ReadonlySet<string>>();
  return (model) => {
    const fates =
      known.get(model) ??
      new Set([
        `itself ${model}`,
        ...[...graph.endsOf(model)].map((end) => graph.models.get(end)?.providerKeyId ?? `model ${end}`),
      ]);
    known.set(model, fates);
    return fates;
  };
}

interface Group<Item> {
  readonly items: Item[];
  readonly fates: Set<string>;
  /** When it grew last. */
  grown: number;
}

/** Joins items that share a fate, directly or through others; in the order in which the groups grew last. */
export function sharingFates<Item>(
  items: readonly Item[],
  fatesOf: (item: Item) => ReadonlySet<string>,
): readonly (readonly Item[])[] {
  const byFate = new Map<string, Group<Item>>();
  const groups = new Set<Group<Item>>();
  for (const [grown, item] of items.entries()) {
    const fates = fatesOf(item);
    const met = new Set([...fates].flatMap((fate) => byFate.get(fate) ?? []));
    const [first, ...others] = [...met].sort((a, b) => a.grown - b.grown);
    const group = first ?? { items: [], fates: new Set(), grown };
    groups.add(group);
    for (const other of others) {
      groups.delete(other);
      for (const one of other.items) group.items.push(one);
      for (const fate of other.fates) group.fates.add(fate);
    }
    group.items.push(item);
    group.grown = grown;
    for (const fate of [...fates, ...others.flatMap((other) => [...other.fates])]) {
      group.fates.add(fate);
      byFate.set(fate, group);
    }
  }
  return [...groups].sort((a, b) => a.grown - b.grown).map(({ items: own }) => own);
}

function meet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  for (const one of few) if (many.has(one)) return true;
  return false;
}

/** Whether two symptoms have a caller, a model, or what models share in common. */
export function sharing(
  fates: Fates,
  symptoms: readonly FoundSymptom[],
): (a: FoundSymptom, b: FoundSymptom) => boolean {
  const all = new Map(symptoms.map((one) => [one, new Set([...one.models].flatMap((model) => [...fates(model)]))]));
  const of = (one: FoundSymptom): ReadonlySet<string> => all.get(one) ?? new Set();
  return (a, b) => meet(a.keys, b.keys) || meet(of(a), of(b));
}
