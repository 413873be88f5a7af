import { isDeepStrictEqual } from 'node:util';
import type { Catalogue, CatalogueEntry, DataPlaneState } from '../model/catalogue.ts';
import type { ConfigChange } from '../model/change.ts';
import type { ConfigurationBasis, FeedSilence, Standing } from './explanation.ts';
import { FOUND_AFTER_MILLIS } from './timeInForce.ts';

/** How a saved value becomes one in force: longest that this takes where no data plane tells, milliseconds. */
export const PROJECTION_GUARD_MS = 45_000;
/** Times in force are told in truncated seconds by some sources: so far to either side nothing is certain. */
export const TRUNCATED_CLOCK_MS = 1_000;

/** Kinds that no data plane ever holds: nothing is told of when they are in force. */
const CLOUD_KINDS: ReadonlySet<string> = new Set([
  'organization',
  'environment',
  'member',
  'team',
  'budget',
  'admin_token',
  'personal_access_token',
  'gateway_certificate',
  'model_pricing',
]);

/** One resource as it was wanted and as it was served. */
export interface ResolvedResource {
  readonly kind: string;
  readonly id: string;
  readonly name?: string;
  readonly standing: Standing;
  readonly wanted?: CatalogueEntry;
  /** What served the request, where that is one value. */
  readonly served?: CatalogueEntry;
}

/** The configuration at one moment, for one request. */
export interface ConfigInForce {
  readonly basis: ConfigurationBasis;
  /** What the data planes that matter said of themselves, by name. */
  readonly states: Readonly<Record<string, DataPlaneState>>;
  byId(kind: string, id: string): ResolvedResource | undefined;
  /** By any name: the served one, the wanted one. */
  byName(kind: string, name: string): ResolvedResource | undefined;
  ofKind(kind: string): readonly ResolvedResource[];
}

export interface ConfigInForceInput {
  /** As it was at `at`; absent where changes are not received. */
  readonly catalogue?: Catalogue | undefined;
  /** Of the environment, around `at`. */
  readonly changes: readonly ConfigChange[];
  /** The request's start, epoch milliseconds. */
  readonly at: number;
  /** Half the width of the interval in which `at` may lie. */
  readonly uncertaintyMs: number;
  /** As the request names it. */
  readonly dataPlane?: string | undefined;
  readonly silences?: readonly FeedSilence[];
}

/**
 * The configuration that a request met. There are two clocks: what was wanted, and what each data plane served; where
 * the request does not name its data plane, all of them are looked at, and while they differ nothing is certain.
 */
export function configInForce(input: ConfigInForceInput): ConfigInForce {
  const { catalogue, at } = input;
  if (catalogue === undefined) return empty({ at, source: 'none', dataPlanes: [], complete: false });
  const basis = basisOf(catalogue, input);
  const served = basis.dataPlanes.map((name) => byKey(catalogue.inForce[name] ?? []));
  const wanted = byKey(catalogue.desired);
  const refused = refusedBy(catalogue, basis);
  const changes = Map.groupBy(input.changes, ({ resource }) =>
    keyOf(resource.kind, resource.id ?? resource.name ?? ''),
  );
  const keys = new Set([...wanted.keys(), ...served.flatMap((entries) => [...entries.keys()])]);
  const resolved = new Map<string, ResolvedResource>();
  for (const key of keys) {
    const each = served.map((entries) => entries.get(key));
    resolved.set(
      key,
      resolve(wanted.get(key), each, { changes: changes.get(key) ?? [], refused: refused.has(key) }, basis, input),
    );
  }
  const kinds = Map.groupBy(resolved.values(), ({ kind }) => kind);
  const names = new Map<string, ResolvedResource>();
  for (const one of resolved.values()) {
    for (const name of [one.wanted?.name, one.served?.name, one.name]) {
      // Of two of one name the one that is served goes first.
      if (name === undefined || names.get(keyOf(one.kind, name))?.served !== undefined) continue;
      names.set(keyOf(one.kind, name), one);
    }
  }
  return {
    basis,
    states: catalogue.states ?? {},
    byId: (kind, id) => resolved.get(keyOf(kind, id)),
    byName: (kind, name) => names.get(keyOf(kind, name)),
    ofKind: (kind) => kinds.get(kind) ?? [],
  };
}

function empty(basis: ConfigurationBasis): ConfigInForce {
  return { basis, states: {}, byId: () => undefined, byName: () => undefined, ofKind: () => [] };
}

function basisOf({ inForce, desired, complete }: Catalogue, { at, dataPlane }: ConfigInForceInput): ConfigurationBasis {
  const known = Object.keys(inForce).toSorted();
  const common = { at, complete: complete ?? false };
  if (dataPlane !== undefined && known.includes(dataPlane)) {
    return { ...common, source: 'data_plane', dataPlanes: [dataPlane] };
  }
  if (known.length === 1) return { ...common, source: 'only_data_plane', dataPlanes: known };
  if (known.length > 1) return { ...common, source: 'all_data_planes', dataPlanes: known };
  return { ...common, source: desired.length > 0 ? 'wanted' : 'none', dataPlanes: [] };
}

function resolve(
  wanted: CatalogueEntry | undefined,
  served: readonly (CatalogueEntry | undefined)[],
  { changes, refused }: { readonly changes: readonly ConfigChange[]; readonly refused: boolean },
  { dataPlanes }: ConfigurationBasis,
  { at, uncertaintyMs, silences }: ConfigInForceInput,
): ResolvedResource {
  const known = (wanted ?? served.find((entry) => entry !== undefined)) as CatalogueEntry;
  const [first] = served;
  const name = first?.name ?? known.name;
  const common = {
    kind: known.kind,
    id: known.id,
    ...(name !== undefined && { name }),
    ...(wanted !== undefined && { wanted }),
  };
  const agreed = served.every((entry) => sameEntry(entry, first));
  const told = { ...common, ...(agreed && first !== undefined && { served: first }) };
  // A data plane that says so itself is believed, whatever is known of the change.
  const isRefused = refused || wasRefused(changes, at);
  const moving = !refused && changes.some((change) => isMoving(change, { dataPlanes, silences }, at, uncertaintyMs));
  if (dataPlanes.length === 0 || CLOUD_KINDS.has(known.kind)) {
    if (refused) return { ...common, standing: 'refused' };
    return wanted === undefined || !moving
      ? { ...common, standing: 'wanted_only', ...(wanted !== undefined && { served: wanted }) }
      : { ...common, standing: 'in_transition' };
  }
  if (moving) return { ...told, standing: 'in_transition' };
  // Several that differ while nothing is on its way: a data plane that refused it, or one that is cut off.
  if (!agreed) return { ...common, standing: isRefused ? 'refused' : 'pending' };
  if (sameEntry(first, wanted)) return { ...told, standing: 'in_force' };
  return { ...told, standing: isRefused ? 'refused' : 'pending' };
}

/** Resources whose newest document a data plane that matters says it refuses. */
function refusedBy({ states = {} }: Catalogue, { dataPlanes }: ConfigurationBasis): ReadonlySet<string> {
  const telling = Object.entries(states).filter(([name]) => dataPlanes.length === 0 || dataPlanes.includes(name));
  return new Set(telling.flatMap(([, { rejected }]) => rejected.map(({ kind, id }) => keyOf(kind, id))));
}

/** Who tells when a change came into force, and when they did not. */
export interface Telling {
  readonly dataPlanes: readonly string[];
  readonly silences?: readonly FeedSilence[] | undefined;
}

/** Whether a change of the resource may or may not have been in force at that moment. */
function isMoving(change: ConfigChange, telling: Telling, at: number, uncertaintyMs: number): boolean {
  if (change.result === 'failure' || change.state === 'rejected' || change.state === 'superseded') return false;
  const { from, to } = transitionOf(change, telling);
  return at >= from - uncertaintyMs && at <= to + uncertaintyMs;
}

/** When a change came into force, epoch milliseconds. */
export interface Transition {
  readonly from: number;
  readonly to: number;
  /** Nobody looked for a part of it. */
  readonly isHidden: boolean;
}

/**
 * When a change came into force, for the data planes that matter: from the first that may have served it to the last that
 * may have not. A point where one data plane told its time; all of a silence in which nobody looked at it.
 */
export function transitionOf(change: ConfigChange, { dataPlanes, silences = [] }: Telling): Transition {
  const { effective, occurredAt } = change;
  const made = change.observedBetween?.[0] ?? occurredAt;
  const times = effective.filter(({ dataPlane }) => dataPlanes.length === 0 || dataPlanes.includes(dataPlane));
  const silent = silences.filter(({ dataPlane }) => dataPlane !== undefined && dataPlanes.includes(dataPlane));
  const guarded = Math.max(occurredAt, made) + PROJECTION_GUARD_MS;
  if (times.length === 0) {
    const hiding = silent.filter(({ from, to }) => from <= guarded && (to === undefined || to > made));
    return { from: made, to: Math.max(guarded, ...hiding.map(endOf)), isHidden: hiding.length > 0 };
  }
  const [first, last] = [Math.min(...times.map((one) => one.at)), Math.max(...times.map((one) => one.at))];
  const end = times.length < dataPlanes.length ? Math.max(last, occurredAt + PROJECTION_GUARD_MS) : last;
  // Found at the end of a silence: it may have been in force since its beginning.
  const hiding = silent.filter((one) => one.from < first && endOf(one) >= first - FOUND_AFTER_MILLIS && made < first);
  const from = Math.min(first, ...hiding.map((one) => Math.max(made, one.from)));
  return { from: from - TRUNCATED_CLOCK_MS, to: end + TRUNCATED_CLOCK_MS, isHidden: hiding.length > 0 };
}

const endOf = ({ to }: FeedSilence): number => to ?? Number.POSITIVE_INFINITY;

function wasRefused(changes: readonly ConfigChange[], at: number): boolean {
  const before = changes.filter(({ occurredAt, result }) => occurredAt <= at && result === 'success');
  const newest = before.toSorted((a, b) => b.occurredAt - a.occurredAt)[0];
  return newest?.state === 'rejected';
}

/** An equal value under a new revision is the same. */
export function sameEntry(a: CatalogueEntry | undefined, b: CatalogueEntry | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.revision !== undefined && a.revision === b.revision) return true;
  return isDeepStrictEqual(a.value, b.value);
}

const keyOf = (kind: string, word: string) => `${kind}\n${word}`;

const byKey = (entries: readonly CatalogueEntry[]): ReadonlyMap<string, CatalogueEntry> =>
  new Map(entries.map((entry) => [keyOf(entry.kind, entry.id), entry]));
