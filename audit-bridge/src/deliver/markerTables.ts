import { createHash } from 'node:crypto';
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { ChangeAction } from '@aisix-observability/evidence';
import { eventTag } from './annotationTags.ts';
import { BURST_GAP_MILLIS, type Burst, type PlacedChange } from './bursts.ts';
import { MARKER_CHANGES } from './limits.ts';
import type { Marker, MarkerChange, MarkerOutcome } from './markerContent.ts';

/** A member as it is kept. */
export interface Member extends PlacedChange, MarkerChange {
  readonly marker: string;
}

/** Markers and their members in their tables. Writes happen inside a transaction of the caller. */
export interface MarkerTables {
  member(changeId: string): Member | undefined;
  put(member: Member): void;
  remove(changeId: string): void;
  rename(changeId: string, to: string): void;
  /** Drawn bursts that a change could join by place and time. */
  near(change: PlacedChange): Burst[];
  /** A new marker that begins with a change; its members are put by the caller. */
  begin(change: PlacedChange): string;
  /** Makes what follows from the members anew and counts the revision up; without members it is withdrawn. */
  refresh(marker: string): void;
  /** Ids of markers that ended before a time. */
  endedBefore(time: number, limit: number): string[];
  removeMembers(marker: string): void;
  drop(marker: string): void;
  read(marker: string): DrawnMarker | undefined;
  bursts(range: { readonly from: number; readonly to: number; readonly limit: number }): Burst[];
}

export interface DrawnMarker extends Marker {
  readonly revision: number;
  /** Nothing is left of it: its annotation has to go. */
  readonly withdrawn: boolean;
}

type Row = Record<string, SQLOutputValue>;

export function markerTables(db: DatabaseSync): MarkerTables {
  const one = db.prepare(
    'SELECT m.*, k.environment FROM members m JOIN markers k ON k.id = m.marker WHERE m.change_id = ?',
  );
  const put = db.prepare('INSERT OR REPLACE INTO members VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const remove = db.prepare('DELETE FROM members WHERE change_id = ?');
  const rename = db.prepare('UPDATE OR REPLACE members SET change_id = ? WHERE change_id = ?');
  const near = db.prepare(
    'SELECT * FROM markers WHERE environment IS ? AND end_at >= ? AND start_at <= ? AND withdrawn = 0',
  );
  const tagged = db.prepare('SELECT 1 FROM markers WHERE tag = ?');
  const insert = db.prepare("INSERT INTO markers VALUES (?, ?, ?, ?, ?, '[]', 0, 0)");
  const extent = db.prepare(
    'SELECT count(*) AS n, min(at) AS start_at, max(at) AS end_at FROM members WHERE marker = ?',
  );
  const actors = db.prepare('SELECT DISTINCT actor FROM members WHERE marker = ? AND actor IS NOT NULL ORDER BY actor');
  const reshape = db.prepare(
    'UPDATE markers SET start_at = ?, end_at = ?, actors = ?, revision = revision + 1 WHERE id = ?',
  );
  const withdraw = db.prepare('UPDATE markers SET withdrawn = 1, revision = revision + 1 WHERE id = ?');
  const ended = db.prepare('SELECT id FROM markers WHERE withdrawn = 0 AND end_at < ? ORDER BY end_at LIMIT ?');
  const removeMembers = db.prepare('DELETE FROM members WHERE marker = ?');
  const drop = db.prepare('DELETE FROM markers WHERE id = ?');
  const marker = db.prepare('SELECT * FROM markers WHERE id = ?');
  const kinds = db.prepare('SELECT DISTINCT kind FROM members WHERE marker = ? ORDER BY kind');
  const actions = db.prepare('SELECT DISTINCT action FROM members WHERE marker = ? ORDER BY action');
  const first = db.prepare(`SELECT * FROM members WHERE marker = ? ORDER BY at, change_id LIMIT ${MARKER_CHANGES}`);
  const between = db.prepare(
    'SELECT * FROM markers WHERE withdrawn = 0 AND end_at >= ? AND start_at < ? ORDER BY end_at DESC, id LIMIT ?',
  );

  return {
    member(changeId) {
      const row = one.get(changeId);
      return row === undefined ? undefined : memberOf(row);
    },
    put({ id, marker: of, at, actor, kind, action, outcome, name, previousName }) {
      put.run(id, of, at, actor ?? null, kind, action, outcome, name ?? null, previousName ?? null);
    },
    remove: (changeId) => void remove.run(changeId),
    rename: (changeId, to) => void rename.run(to, changeId),
    near: ({ environment, at }) => near.all(environment, at - BURST_GAP_MILLIS, at + BURST_GAP_MILLIS).map(burstOf),
    begin({ id: changeId, environment, at }) {
      for (let nth = 0; ; nth += 1) {
        const id = markerId(environment, changeId, nth);
        const tag = eventTag(id);
        // Of 48 bits two may meet; and a change whose marker was withdrawn may come again.
        if (tagged.get(tag) !== undefined) continue;
        insert.run(id, tag, environment, at, at);
        return id;
      }
    },
    refresh(id) {
      const { n, start_at, end_at } = extent.get(id) ?? {};
      if (n === 0 || start_at === undefined || end_at === undefined) withdraw.run(id);
      else reshape.run(start_at, end_at, JSON.stringify(actors.all(id).map(({ actor }) => actor)), id);
    },
    endedBefore: (time, limit) => ended.all(time, limit).map(({ id }) => String(id)),
    removeMembers: (id) => void removeMembers.run(id),
    drop: (id) => void drop.run(id),
    read(id) {
      const row = marker.get(id);
      if (row === undefined) return undefined;
      const { environment, start, end } = burstOf(row);
      return {
        id,
        environment,
        start,
        end,
        revision: Number(row.revision),
        withdrawn: row.withdrawn === 1,
        count: Number(extent.get(id)?.n),
        kinds: kinds.all(id).map(({ kind }) => String(kind)),
        actions: actions.all(id).map(({ action }) => action as ChangeAction),
        changes: first.all(id).map(changeOf),
      };
    },
    bursts: ({ from, to, limit }) => between.all(from, to, limit).map(burstOf),
  };
}

/** The same for the same first change, so that a lost file of markers gives mostly the same ones again. */
function markerId(environment: string | null, changeId: string, nth: number): string {
  const text = JSON.stringify(['marker', environment, changeId, nth]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function burstOf(row: Row): Burst {
  return {
    id: String(row.id),
    environment: textOf(row.environment) ?? null,
    start: Number(row.start_at),
    end: Number(row.end_at),
    actors: JSON.parse(String(row.actors)),
  };
}

function changeOf(row: Row): MarkerChange {
  const name = textOf(row.name);
  const previousName = textOf(row.previous_name);
  return {
    kind: String(row.kind),
    action: row.action as ChangeAction,
    outcome: row.outcome as MarkerOutcome,
    ...(name !== undefined && { name }),
    ...(previousName !== undefined && { previousName }),
  };
}

function memberOf(row: Row): Member {
  const actor = textOf(row.actor);
  return {
    id: String(row.change_id),
    marker: String(row.marker),
    environment: textOf(row.environment) ?? null,
    at: Number(row.at),
    ...(actor !== undefined && { actor }),
    ...changeOf(row),
  };
}

function textOf(value: SQLOutputValue | undefined): string | undefined {
  return value === null || value === undefined ? undefined : String(value);
}
