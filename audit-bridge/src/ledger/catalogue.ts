import type { DatabaseSync } from 'node:sqlite';
import type { Catalogue, CatalogueEntry, DataPlaneState, ResourceVersion } from '@aisix-observability/evidence';
import type { StatusObservation } from '../model/observation.ts';
import type { ResourceDocument } from './foldedChange.ts';
import { nameIn } from './observed.ts';

/** One resource at some time, as wanted (without data plane) or as served by one. */
export interface HeldResource {
  readonly dataPlane: string | null;
  readonly kind: string;
  readonly key: string;
  readonly id?: string;
  readonly name?: string;
  readonly revision?: number;
  /** Null: known not to be there. */
  readonly value: ResourceDocument;
  /** Since when, epoch milliseconds. */
  readonly since: number;
}

/** Name of a caller key or a model, newest known, for the store of requests. */
export interface KnownName {
  readonly environment: string;
  readonly kind: 'api_key' | 'model';
  readonly id: string;
  readonly name: string;
}

/** What existed when, out of changes and of what was there at the first look. */
export interface CatalogueReader {
  at(environment: string, time: number): Catalogue;
  /** The same with everything that is known to be absent, and since when. */
  held(environment: string, time: number): HeldResource[];
  /** What held at `from` and what came until `to`, of everything. */
  versions(environment: string, from: number, to: number): ResourceVersion[];
  environments(): string[];
  names(): KnownName[];
}

/**
 * The newest of changes and first looks per resource. A change whose document nobody told is passed over: the one
 * before it stays.
 */
const DESIRED = `
  SELECT NULL AS data_plane, kind, resource_key, resource_id, name, revision, after AS value, occurred_at AS since,
    changes.id AS place, 1 AS is_change
  FROM changes WHERE environment = ?1 AND occurred_at <= ?2 AND result = 'success' AND after IS NOT NULL
  UNION ALL
  SELECT NULL, kind, resource_key, body ->> '$.resource.id', body ->> '$.resource.name', body ->> '$.revision',
    body -> '$.value', present.at, seq, 0
  FROM present JOIN rows USING (seq) WHERE environment = ?1 AND present.at <= ?2 AND held IN ('desired', 'both')`;

const SERVED = `
  SELECT in_force.data_plane, in_force.kind, in_force.resource_key, resource_id, name, revision, after AS value,
    in_force.at AS since, changes.id AS place, 1 AS is_change
  FROM in_force JOIN changes ON changes.id = change_id
  WHERE in_force.environment = ?1 AND in_force.at <= ?2 AND after IS NOT NULL
  UNION ALL
  SELECT data_plane, kind, resource_key, body ->> '$.resource.id', body ->> '$.resource.name', body ->> '$.revision',
    body -> '$.value', present.at, seq, 0
  FROM present JOIN rows USING (seq)
  WHERE environment = ?1 AND present.at <= ?2 AND held IN ('in_force', 'both') AND data_plane IS NOT NULL`;

/** Of what began at the same moment a change is newer than a first look, and a higher revision than a lower one. */
const NEWEST = `
  SELECT * FROM (
    SELECT *, row_number() OVER (
      PARTITION BY data_plane, kind, resource_key ORDER BY since DESC, is_change DESC, revision DESC, place DESC
    ) AS nth FROM (${DESIRED} UNION ALL ${SERVED})
  ) WHERE nth = 1 ORDER BY data_plane, kind, resource_key`;

/** The newest at a time, and everything after it. */
const SINCE = `
  SELECT * FROM (
    SELECT *, row_number() OVER (
      PARTITION BY data_plane, kind, resource_key, since > ?3 ORDER BY since DESC, is_change DESC, revision DESC, place DESC
    ) AS nth FROM (${DESIRED} UNION ALL ${SERVED})
  ) WHERE nth = 1 OR since > ?3 ORDER BY since, data_plane, kind, resource_key`;

export function catalogueReader(db: DatabaseSync): CatalogueReader {
  const newest = db.prepare(NEWEST);
  const since = db.prepare(SINCE);
  const dataPlanes = db.prepare('SELECT DISTINCT data_plane FROM statuses WHERE environment = ?');
  const lastStatus = db.prepare(`
    SELECT body FROM statuses JOIN rows USING (seq) WHERE environment = ? AND data_plane = ? AND observed_at <= ?
    ORDER BY observed_at DESC, seq DESC LIMIT 1`);
  const looked = db.prepare('SELECT 1 FROM present WHERE environment = ? AND at <= ? LIMIT 1');
  const environments = db.prepare(`
    SELECT environment FROM changes WHERE environment IS NOT NULL UNION SELECT environment FROM present ORDER BY 1`);

  function heldOf(row: Readonly<Record<string, unknown>>): HeldResource {
    const value = JSON.parse(String(row.value)) as ResourceDocument;
    const name = nameIn(value) ?? (row.name === null ? undefined : String(row.name));
    return {
      dataPlane: row.data_plane === null ? null : String(row.data_plane),
      kind: String(row.kind),
      key: String(row.resource_key),
      ...(row.resource_id !== null && { id: String(row.resource_id) }),
      ...(name !== undefined && { name }),
      ...(row.revision !== null && { revision: Number(row.revision) }),
      value,
      since: Number(row.since),
    };
  }

  const held = (environment: string, time: number): HeldResource[] => newest.all(environment, time).map(heldOf);

  function versions(environment: string, from: number, to: number): ResourceVersion[] {
    return since.all(environment, to, from).map((row) => {
      const { key, id, ...version } = heldOf(row);
      return { ...version, environment, id: id ?? key };
    });
  }

  function states(environment: string, time: number): Record<string, DataPlaneState> {
    const told = dataPlanes.all(environment).flatMap(({ data_plane: name }) => {
      const row = lastStatus.get(environment, String(name), time);
      if (row === undefined) return [];
      const { state, observedAt, rejected } = JSON.parse(String(row.body)) as StatusObservation;
      return [
        [String(name), { state, at: observedAt, rejected: rejected.map(({ kind, id }) => ({ kind, id })) }],
      ] as const;
    });
    return Object.fromEntries(told);
  }

  function at(environment: string, time: number): Catalogue {
    const existing = held(environment, time).flatMap((resource) => {
      const { dataPlane, kind, key, id, name, revision, value, since } = resource;
      if (value === null) return [];
      const entry: CatalogueEntry = {
        kind,
        id: id ?? key,
        ...(name !== undefined && { name }),
        environment,
        ...(revision !== undefined && { revision }),
        value,
        since,
      };
      return [{ dataPlane, entry }];
    });
    const inForce: Record<string, CatalogueEntry[]> = {};
    for (const { dataPlane, entry } of existing) {
      if (dataPlane === null) continue;
      inForce[dataPlane] = [...(inForce[dataPlane] ?? []), entry];
    }
    return {
      environment,
      at: time,
      desired: existing.filter(({ dataPlane }) => dataPlane === null).map(({ entry }) => entry),
      inForce,
      complete: looked.get(environment, time) !== undefined,
      states: states(environment, time),
    };
  }

  const allEnvironments = (): string[] => environments.all().map((row) => String(row.environment));

  return {
    at,
    held,
    versions,
    environments: allEnvironments,
    names: () =>
      allEnvironments().flatMap((environment) =>
        at(environment, Number.MAX_SAFE_INTEGER).desired.flatMap(({ kind, id, name }) =>
          name !== undefined && (kind === 'api_key' || kind === 'model') ? [{ environment, kind, id, name }] : [],
        ),
      ),
  };
}
