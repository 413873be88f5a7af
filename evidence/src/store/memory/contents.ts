import type { GatewayRequest } from '../../model/request.ts';
import { groundsOf, mayForget, wouldForget } from '../forgetting.ts';
import type { RequestVersion, ResourceName } from '../store.ts';
import { identityOf, keyOf, micros } from './place.ts';

/** The newest version of a request. */
export interface Row {
  readonly identity: string;
  readonly key: string;
  readonly seq: number;
  readonly json: string;
  readonly request: GatewayRequest;
  readonly timeMicros: number;
}

/** What a memory store keeps: handed to the next one, it is as if the first had been opened again. */
export interface MemoryContents {
  rows: readonly Row[];
  names: readonly ResourceName[];
  position: number;
}

export function emptyContents(): MemoryContents {
  return { rows: [], names: [], position: 0 };
}

function toRow({ seq, json }: RequestVersion): Row {
  const request = JSON.parse(json) as GatewayRequest;
  const identity = identityOf(request);
  return { identity, key: keyOf(identity), seq, json, request, timeMicros: micros(request.startTime) };
}

/** Rows with versions applied: of each request only the one with the highest `seq` stays. */
export function withVersions(rows: readonly Row[], versions: readonly RequestVersion[]): Row[] {
  const newest = new Map(rows.map((row) => [row.identity, row]));
  for (const version of versions) {
    const row = toRow(version);
    const held = newest.get(row.identity);
    if (held !== undefined && held.seq >= row.seq) continue;
    const forgets =
      held !== undefined &&
      mayForget(row.request, version.knownFrom) &&
      wouldForget(groundsOf(held.request), groundsOf(row.request));
    if (!forgets) newest.set(row.identity, row);
  }
  return [...newest.values()];
}

const sameResource = (a: ResourceName, b: ResourceName) =>
  a.environment === b.environment && a.kind === b.kind && a.id === b.id;

/** Names with later ones in place of earlier ones. */
export function withNames(held: readonly ResourceName[], added: readonly ResourceName[]): ResourceName[] {
  return added.reduce<ResourceName[]>(
    (names, name) => [...names.filter((other) => !sameResource(other, name)), name],
    [...held],
  );
}
