import type { DatabaseSync } from 'node:sqlite';
import type { ResourceRef } from '../model/observation.ts';
import type { ResourceDocument } from './foldedChange.ts';
import { nameIn } from './observed.ts';

/** What an observation is told of. */
export interface Subject {
  readonly environment: string | null;
  readonly resource: ResourceRef;
  readonly before?: ResourceDocument | undefined;
  readonly after?: ResourceDocument | undefined;
}

/**
 * Units of folding: the observations of one resource. An id is a unit; where events have only a name, that name and
 * every id that ever bore it are one. A unit can only grow, in any order to the same.
 */
export interface Units {
  /** The unit of a resource, with units joined where the observation shows that they are one. */
  of(subject: Subject): number;
  /** Makes units one, also of different resources: their observations contradict each other. */
  join(units: readonly number[]): number;
}

/** Of changes of the whole organization. */
const NO_ENVIRONMENT = '';

export function units(db: DatabaseSync): Units {
  const find = db.prepare('SELECT unit FROM nodes WHERE scope = ? AND kind = ? AND node = ?');
  const insert = db.prepare('INSERT INTO nodes (scope, kind, node, unit) VALUES (?, ?, ?, ?)');
  const next = db.prepare('SELECT coalesce(max(unit), 0) + 1 AS unit FROM nodes');
  const addName = db.prepare('INSERT OR IGNORE INTO names (scope, kind, name, id) VALUES (?, ?, ?, ?)');
  const bearers = db.prepare('SELECT id FROM names WHERE scope = ? AND kind = ? AND name = ?');
  const moves = ['nodes', 'members', 'changes'].map((table) =>
    db.prepare(`UPDATE ${table} SET unit = ?2 WHERE unit = ?1`),
  );

  function unitOf(scope: string, kind: string, node: string): number {
    const found = find.get(scope, kind, node);
    if (found !== undefined) return Number(found.unit);
    const unit = Number(next.get()?.unit);
    insert.run(scope, kind, node, unit);
    return unit;
  }

  function join(found: readonly number[]): number {
    const unit = Math.min(...found);
    for (const other of new Set(found)) {
      if (other !== unit) for (const move of moves) move.run(other, unit);
    }
    return unit;
  }

  return {
    join,
    of({ environment, resource, before, after }) {
      const scope = environment ?? NO_ENVIRONMENT;
      const { kind, id } = resource;
      const known = [resource.name, resource.previousName, nameIn(before), nameIn(after)];
      const names = new Set(known.filter((name) => name !== undefined));
      if (id === undefined) {
        if (names.size === 0) return unitOf(scope, kind, 'only');
        return join(
          [...names].flatMap((name) => [
            unitOf(scope, kind, `name:${name}`),
            ...bearers.all(scope, kind, name).map((row) => unitOf(scope, kind, `id:${String(row.id)}`)),
          ]),
        );
      }
      const joined = [unitOf(scope, kind, `id:${id}`)];
      for (const name of names) {
        addName.run(scope, kind, name, id);
        const alone = find.get(scope, kind, `name:${name}`);
        if (alone !== undefined) joined.push(Number(alone.unit));
      }
      return join(joined);
    },
  };
}
