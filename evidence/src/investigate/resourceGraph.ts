import type { CatalogueEntry } from '../model/catalogue.ts';

/** A model as far as it leads to others. */
export interface ModelNode {
  readonly id: string;
  readonly name: string;
  readonly providerKeyId?: string;
  /** Names of the models that it may hand a request to; empty for a direct model. */
  readonly targets: readonly string[];
}

/** Who leads to whom, at one time. */
export interface ResourceGraph {
  readonly known: boolean;
  readonly models: ReadonlyMap<string, ModelNode>;
  readonly entries: readonly CatalogueEntry[];
  entry(kind: string, id: string | undefined): CatalogueEntry | undefined;
  /** Names of the models that may reach one of these, themselves included. */
  reaching(names: Iterable<string>): Set<string>;
  /** Names of the direct models that a model may end at. */
  endsOf(name: string): Set<string>;
  /** Names of the direct models on a provider key. */
  onProviderKey(id: string): string[];
}

/** The configuration right before and right after a change. */
export interface Around {
  readonly before: ResourceGraph;
  readonly after: ResourceGraph;
}

/** Fields of a model that name other models. */
const REFERRING = ['routing', 'ensemble', 'semantic'] as const;
/** Routing groups may hold groups; a circle ends here. */
const MAX_DEPTH = 4;

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Every text in a value. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (Array.isArray(value)) for (const item of value) yield* textsIn(item);
  else if (value !== null && typeof value === 'object') for (const item of Object.values(value)) yield* textsIn(item);
}

const nameOf = ({ name, value, id }: CatalogueEntry): string =>
  name ?? text(value.display_name) ?? text(value.name) ?? id;

/** What follows from one entry alone; most entries are the same ones in the graphs of all times. */
interface OwnFacts {
  readonly key: string;
  readonly name: string;
  /** Of a model that names no others. */
  readonly node: ModelNode | undefined;
}

const knownFacts = new WeakMap<CatalogueEntry, OwnFacts>();

function factsOf(entry: CatalogueEntry): OwnFacts {
  const known = knownFacts.get(entry);
  if (known !== undefined) return known;
  const isDirect = entry.kind === 'model' && REFERRING.every((field) => entry.value[field] === undefined);
  const facts: OwnFacts = {
    key: `${entry.kind}\n${entry.id}`,
    name: nameOf(entry),
    node: isDirect ? nodeOf(entry, new Map(), new Set()) : undefined,
  };
  knownFacts.set(entry, facts);
  return facts;
}

function nodeOf(entry: CatalogueEntry, namesById: ReadonlyMap<string, string>, names: ReadonlySet<string>): ModelNode {
  const { value, id } = entry;
  const named = REFERRING.flatMap((field) => (value[field] === undefined ? [] : [...textsIn(value[field])]));
  const targets = named.flatMap((one) => (names.has(one) ? [one] : (namesById.get(one) ?? [])));
  const providerKeyId = text(value.provider_key_id);
  return { id, name: nameOf(entry), ...(providerKeyId !== undefined && { providerKeyId }), targets };
}

/** The graph of what existed at one time. */
export function graphOf(entries: readonly CatalogueEntry[]): ResourceGraph {
  const byKey = new Map(entries.map((entry) => [factsOf(entry).key, entry]));
  const modelEntries = entries.filter(({ kind }) => kind === 'model');
  const namesById = new Map(modelEntries.map((entry) => [entry.id, factsOf(entry).name]));
  const names = new Set(namesById.values());
  const models = new Map(
    modelEntries.map((entry) => {
      const node = factsOf(entry).node ?? nodeOf(entry, namesById, names);
      return [node.name, node];
    }),
  );

  function reaching(names: Iterable<string>): Set<string> {
    const reached = new Set(names);
    for (let depth = 0; depth < MAX_DEPTH; depth++) {
      const before = reached.size;
      for (const { name, targets } of models.values()) if (targets.some((one) => reached.has(one))) reached.add(name);
      if (reached.size === before) break;
    }
    return reached;
  }

  function endsOf(name: string): Set<string> {
    const ends = new Set<string>();
    let from = [name];
    for (let depth = 0; depth <= MAX_DEPTH && from.length > 0; depth++) {
      const next: string[] = [];
      for (const one of from) {
        const targets = models.get(one)?.targets ?? [];
        if (targets.length === 0) ends.add(one);
        next.push(...targets);
      }
      // Groups that hold each other lead to the same ones over and over.
      from = [...new Set(next)];
    }
    return ends;
  }

  return {
    known: entries.length > 0,
    models,
    entries,
    entry: (kind, id) => (id === undefined ? undefined : byKey.get(`${kind}\n${id}`)),
    reaching,
    endsOf,
    onProviderKey: (id) => [...models.values()].filter((one) => one.providerKeyId === id).map(({ name }) => name),
  };
}
