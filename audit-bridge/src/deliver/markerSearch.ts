import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { DrawnMarker, MarkerTables } from './markerTables.ts';

export interface MarkerQuery {
  /** Ids; markers of others are not there. */
  readonly environments: readonly string[];
  /** Whether markers of the whole organization are part of it. */
  readonly organizationWide: boolean;
  /** Markers that touch `[from, to)`, epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  /** The last marker of the page before. */
  readonly after?: MarkerPlace;
}

/** A place in the order of markers: newest end first. */
export interface MarkerPlace {
  readonly end: number;
  readonly id: string;
}

export type MarkerSearch = (query: MarkerQuery) => DrawnMarker[];

/** Drawn markers of some environments, newest first. */
export function markerSearch(db: DatabaseSync, tables: Pick<MarkerTables, 'read'>): MarkerSearch {
  const search = db.prepare(`
    SELECT id FROM markers WHERE withdrawn = 0 AND end_at >= ?1 AND start_at < ?2
      AND (environment IN (SELECT value FROM json_each(?3)) OR (?4 AND environment IS NULL))
      AND (end_at < ?5 OR (end_at = ?5 AND id > ?6))
    ORDER BY end_at DESC, id LIMIT ?7`);
  return ({ environments, organizationWide, from, to, limit, after }) => {
    const values: SQLInputValue[] = [
      from,
      to,
      JSON.stringify(environments),
      Number(organizationWide),
      after?.end ?? Number.MAX_SAFE_INTEGER,
      after?.id ?? '',
      limit,
    ];
    return search.all(...values).flatMap(({ id }) => tables.read(String(id)) ?? []);
  };
}
