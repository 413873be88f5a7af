import type { ConfigChange } from '../model/change.ts';
import type { Around } from './resourceGraph.ts';

export function present(...values: (string | undefined)[]): ReadonlySet<string> {
  return new Set(values.filter((value) => value !== undefined));
}

/** Names before and after: events of a deleted or renamed resource carry the old one, whatever the change tells of it. */
export function namesOf({ resource }: ConfigChange, { before, after }: Around): ReadonlySet<string> {
  const { kind, id, name, previousName } = resource;
  return present(name, previousName, before.entry(kind, id)?.name, after.entry(kind, id)?.name);
}

/** Ids of others of the same kind and name that exist beside it: a name does not tell them apart. */
export function namesakes({ resource }: ConfigChange, { before, after }: Around): ReadonlySet<string> {
  const { kind, id, name } = resource;
  const found = [before, after]
    .filter((graph) => name !== undefined && graph.entry(kind, id) !== undefined)
    .flatMap(({ entries }) => entries.filter((entry) => entry.kind === kind && entry.name === name && entry.id !== id));
  return new Set(found.map((entry) => entry.id));
}

/** Whether two changes are about one resource: by id, or by name where it was deleted and created anew. */
export function sameResource(
  one: { readonly change: ConfigChange; readonly around: Around },
  other: { readonly change: ConfigChange; readonly around: Around },
): boolean {
  const [{ resource: a }, { resource: b }] = [one.change, other.change];
  if (a.kind !== b.kind) return false;
  if (a.id !== undefined && a.id === b.id) return true;
  if (a.name === undefined || a.name !== b.name) return false;
  return ![one.around, other.around]
    .flatMap(({ before, after }) => [before, after])
    .some((graph) => graph.entry(a.kind, a.id) !== undefined && graph.entry(b.kind, b.id) !== undefined);
}

/** Kinds of which no request knows. */
const NO_REQUESTS: ReadonlySet<string> = new Set([
  'observability_exporter',
  'admin_token',
  'personal_access_token',
  'gateway_certificate',
  'organization',
  'model_pricing',
]);

/** Whether changes of a kind can touch requests at all. */
export const isOfRequests = (kind: string): boolean => !NO_REQUESTS.has(kind);
