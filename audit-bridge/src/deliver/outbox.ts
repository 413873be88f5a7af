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

/** What has to be drawn where, and what is: per target. Writes happen inside a transaction of the caller. */
export interface Outbox {
  /** From now on these are the targets; a new one, or one that moved, is shown what ended in the last day. */
  setTargets(targets: readonly { readonly name: string; readonly identity: string }[], now: number): void;
  /** A marker changed. */
  add(marker: string, end: number, now: number): void;
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
  // Whoever lost this file may have drawn them before.
  const history = db.prepare(`
    INSERT INTO annotations SELECT ?1, id, NULL, 1, NULL FROM markers WHERE withdrawn = 0 AND end_at >= ?2`);
  const historyWork = db.prepare(`
    INSERT INTO work SELECT ?1, id, ?3, ?3, 0 FROM markers WHERE withdrawn = 0 AND end_at >= ?2`);
  const add = db.prepare(`
    INSERT INTO work SELECT t.name, ?1, ?3 + iif(a.marker IS NULL, 0, ${REDRAW_MILLIS}), ?3, 0
    FROM targets t LEFT JOIN annotations a ON a.marker = ?1 AND a.target = t.name
    WHERE a.marker IS NOT NULL OR ?2 >= t.since
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
      for (const { name, identity } of targets) {
        if (before.get(name) === identity) continue;
        const since = now - HISTORY_MILLIS;
        addTarget.run(name, identity, since);
        history.run(name, since);
        historyWork.run(name, since, now);
      }
    },
    add: (marker, end, now) => void add.run(marker, end, now),
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
