import type { DatabaseSync } from 'node:sqlite';
import { HISTORY_MILLIS, REDRAW_MILLIS } from './limits.ts';

/** What is known of a marker at a target. */
export interface AnnotationState {
  readonly annotation?: string;
  /** It was, or may have been, tried to draw it: look before trying again. */
  readonly attempted: boolean;
  /** An answer was lost: look once more from then on, epoch milliseconds. */
  readonly recheckAt?: number;
}

export interface OutboxItem extends AnnotationState {
  readonly marker: string;
  readonly failures: number;
}

export interface OutboxTarget {
  readonly name: string;
  /** The same as long as ids of annotations mean the same. */
  readonly identity: string;
  /** Ids; without a list it sees all of them, and what concerns the whole organization. */
  readonly environments?: readonly string[];
}

/** What has to be drawn where, and what is: per target. Writes happen inside a transaction of the caller. */
export interface Outbox {
  /**
   * From now on these are the targets; a new one, or one that moved or sees more, is shown what ended in the last day.
   * From one that sees less the rest is taken away.
   */
  setTargets(targets: readonly OutboxTarget[], now: number): void;
  /** A marker changed; `targets` may see it. */
  add(marker: string, end: number, now: number, targets: readonly string[]): void;
  due(target: string, now: number, limit: number): OutboxItem[];
  /** When the next one is due. */
  nextDue(target: string): number | undefined;
  note(target: string, marker: string, state: AnnotationState): void;
  settled(target: string, marker: string): void;
  postpone(target: string, marker: string, due: number, failed: boolean): void;
  forget(target: string, marker: string): void;
  /** No target has anything of it, or to do with it, any more. */
  isGone(marker: string): boolean;
  waiting(target: string): { readonly count: number; readonly oldestAt?: number };
}

export function outbox(db: DatabaseSync): Outbox {
  const known = db.prepare('SELECT name, identity FROM targets');
  const dropTarget = ['targets WHERE name', 'annotations WHERE target', 'work WHERE target'].map((part) =>
    db.prepare(`DELETE FROM ${part} = ?`),
  );
  const addTarget = db.prepare('INSERT INTO targets VALUES (?, ?, ?)');
  const isSeen = '(?4 IS NULL OR ifnull(m.environment IN (SELECT value FROM json_each(?4)), 0))';
  const isNew = `m.withdrawn = 0 AND m.end_at >= ?2 AND ${isSeen}
    AND NOT EXISTS (SELECT 1 FROM annotations a WHERE a.marker = m.id AND a.target = ?1)`;
  const historyWork = db.prepare(`INSERT OR IGNORE INTO work SELECT ?1, id, ?3, ?3, 0 FROM markers m WHERE ${isNew}`);
  // Whoever lost this file may have drawn them before.
  const history = db.prepare(`INSERT INTO annotations SELECT ?1, id, NULL, 1, NULL FROM markers m WHERE ${isNew}`);
  const hide = db.prepare(`
    INSERT OR IGNORE INTO work SELECT ?1, a.marker, ?3, ?3, 0 FROM annotations a JOIN markers m ON m.id = a.marker
    WHERE a.target = ?1 AND NOT ${isSeen}`);
  const add = db.prepare(`
    INSERT INTO work SELECT t.name, ?1, ?3 + iif(a.marker IS NULL, 0, ${REDRAW_MILLIS}), ?3, 0
    FROM targets t LEFT JOIN annotations a ON a.marker = ?1 AND a.target = t.name
    WHERE a.marker IS NOT NULL OR (?2 >= t.since AND t.name IN (SELECT value FROM json_each(?4)))
    ON CONFLICT (target, marker) DO UPDATE SET due = min(due, excluded.due)`);
  const due = db.prepare(`
    SELECT w.marker, w.failures, a.annotation, a.attempted, a.recheck_at
    FROM work w LEFT JOIN annotations a ON a.marker = w.marker AND a.target = w.target
    WHERE w.target = ? AND w.due <= ? ORDER BY w.due, w.marker LIMIT ?`);
  const next = db.prepare('SELECT min(due) AS due FROM work WHERE target = ?');
  const note = db.prepare('INSERT OR REPLACE INTO annotations VALUES (?, ?, ?, ?, ?)');
  const settle = db.prepare('DELETE FROM work WHERE target = ? AND marker = ?');
  const postpone = db.prepare(
    'UPDATE work SET due = ?, failures = iif(?, failures + 1, 0) WHERE target = ? AND marker = ?',
  );
  const forget = db.prepare('DELETE FROM annotations WHERE target = ? AND marker = ?');
  const left = db.prepare(`
    SELECT EXISTS (SELECT 1 FROM annotations WHERE marker = ?1)
      OR EXISTS (SELECT 1 FROM targets t JOIN work w ON w.target = t.name AND w.marker = ?1) AS found`);
  const waiting = db.prepare('SELECT count(*) AS n, min(since) AS since FROM work WHERE target = ?');

  return {
    setTargets(targets, now) {
      const before = new Map(known.all().map(({ name, identity }) => [String(name), String(identity)]));
      for (const [name, identity] of before) {
        if (targets.some((target) => target.name === name && target.identity === identity)) continue;
        for (const statement of dropTarget) statement.run(name);
      }
      for (const { name, identity, environments } of targets) {
        const since = now - HISTORY_MILLIS;
        if (before.get(name) !== identity) addTarget.run(name, identity, since);
        const seen = environments === undefined ? null : JSON.stringify(environments);
        // The parameters are the same, some of which not each of them reads.
        for (const statement of [historyWork, history, hide]) statement.run(name, since, now, seen);
      }
    },
    add: (marker, end, now, targets) => void add.run(marker, end, now, JSON.stringify(targets)),
    due: (target, now, limit) =>
      due.all(target, now, limit).map((row) => ({
        marker: String(row.marker),
        failures: Number(row.failures),
        attempted: row.attempted === 1,
        ...(typeof row.annotation === 'string' && { annotation: row.annotation }),
        ...(typeof row.recheck_at === 'number' && { recheckAt: row.recheck_at }),
      })),
    nextDue(target) {
      const at = next.get(target)?.due;
      return typeof at === 'number' ? at : undefined;
    },
    note: (target, marker, { annotation, attempted, recheckAt }) =>
      void note.run(target, marker, annotation ?? null, Number(attempted), recheckAt ?? null),
    settled: (target, marker) => void settle.run(target, marker),
    postpone: (target, marker, at, failed) => void postpone.run(at, Number(failed), target, marker),
    forget: (target, marker) => void forget.run(target, marker),
    isGone: (marker) => left.get(marker)?.found === 0,
    waiting(target) {
      const { n, since } = waiting.get(target) ?? {};
      return { count: Number(n ?? 0), ...(typeof since === 'number' && { oldestAt: since }) };
    },
  };
}
