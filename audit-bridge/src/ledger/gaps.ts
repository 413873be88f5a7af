import type { DatabaseSync } from 'node:sqlite';
import type { FeedRef, GapObservation } from '../model/observation.ts';

/** A time in which a feed told nothing: changes of that time may be missing or late. */
export interface FeedGap {
  readonly feed: FeedRef;
  readonly environment: string | null;
  readonly dataPlane?: string;
  readonly from: number;
  /** Absent while it lasts. */
  readonly to?: number;
  readonly reason: string;
}

export interface GapQuery {
  readonly from: number;
  readonly to: number;
  /** Ids; gaps of feeds of the whole organization belong to every environment. */
  readonly environments: readonly string[];
}

/** Gaps at a time: more are not told apart by anybody. */
export const MAX_GAPS = 1000;

/** The gaps in their table: opened, and closed by a later observation of the same beginning. */
export interface GapTable {
  add(seq: number, gap: GapObservation): void;
  /** Drops gaps of which no row after a position speaks. */
  forget(upTo: number): void;
  between(query: GapQuery): FeedGap[];
}

export function gapTable(db: DatabaseSync): GapTable {
  // Whichever came first: an end counts, the later one of two.
  const add = db.prepare(`
    INSERT INTO gaps (feed_type, feed, scope, data_plane, from_at, to_at, reason, last_seq)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
    ON CONFLICT (feed_type, feed, scope, data_plane, from_at) DO UPDATE SET
      to_at = coalesce(max(to_at, ?6), to_at, ?6), reason = min(reason, ?7), last_seq = max(last_seq, ?8)`);
  const between = db.prepare(`
    SELECT * FROM gaps WHERE from_at < ?2 AND coalesce(to_at, ?2) >= ?1
      AND (scope = '' OR scope IN (SELECT value FROM json_each(?3)))
    ORDER BY from_at, feed_type, feed, scope, data_plane LIMIT ${MAX_GAPS}`);
  return {
    forget(upTo) {
      db.prepare('DELETE FROM gaps WHERE last_seq <= ?').run(upTo);
    },
    add(seq, { feed, environment, dataPlane, from, to, reason }) {
      add.run(feed.type, feed.name, environment ?? '', dataPlane ?? '', from, to ?? null, reason, seq);
    },
    between({ from, to, environments }) {
      return between.all(from, to, JSON.stringify(environments)).map((row) => ({
        feed: { type: row.feed_type as FeedRef['type'], name: String(row.feed) },
        environment: row.scope === '' ? null : String(row.scope),
        ...(row.data_plane !== '' && { dataPlane: String(row.data_plane) }),
        from: Number(row.from_at),
        ...(row.to_at !== null && { to: Number(row.to_at) }),
        reason: String(row.reason),
      }));
    },
  };
}
