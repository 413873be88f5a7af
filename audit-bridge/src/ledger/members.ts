import type { DatabaseSync } from 'node:sqlite';
import { valueHash } from '../model/canonicalJson.ts';
import type { ChangeObservation, InForceObservation, StatusObservation } from '../model/observation.ts';
import type { FoldInput, HumanVerdict } from './fold.ts';
import { type Interval, intervalOf } from './observed.ts';
import type { RowLog, RowType } from './rowLog.ts';
import { STATUS_HORIZON_MS } from './statusTimes.ts';

/** Further apart than this, two observations of a resource do not touch each other's changes, whatever lies between. */
export const CLUSTER_GAP_MS = STATUS_HORIZON_MS;

/** Which rows belong to which unit, and when they speak of. */
export interface Members {
  add(seq: number, unit: number, type: RowType, body: ChangeObservation | InForceObservation): Interval;
  addVerdict(seq: number, unit: number): void;
  addStatus(seq: number, status: StatusObservation): void;
  /** Drops rows up to a position. */
  forget(upTo: number): void;
  /** The smallest interval around one that no pairing reaches out of. */
  cluster(unit: number, around: Interval): Interval;
  /** What is to be folded of a unit within a cluster. */
  load(unit: number, environment: string | null, within: Interval): FoldInput;
}

export function members(db: DatabaseSync, rows: RowLog): Members {
  const insert = db.prepare(
    'INSERT INTO members (seq, unit, type, from_at, to_at, revision, value_hash) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const insertStatus = db.prepare(
    'INSERT OR IGNORE INTO statuses (environment, data_plane, observed_at, seq) VALUES (?, ?, ?, ?)',
  );
  // Revisions tie observations together at any distance (and across what lies between: a change that reaches over the
  // interval belongs to it), values tie times in force to changes.
  const reach = db.prepare(`
    WITH inside AS (SELECT * FROM members WHERE unit = ?1 AND to_at >= ?2 AND from_at <= ?3 AND type != 'verdict')
    SELECT min(from_at) AS from_at, max(to_at) AS to_at FROM (
      SELECT from_at, to_at FROM inside
      UNION ALL SELECT from_at, to_at FROM changes WHERE unit = ?1 AND to_at >= ?2 AND from_at <= ?3
      UNION ALL SELECT from_at, to_at FROM members
        WHERE unit = ?1 AND revision IN (SELECT revision FROM inside WHERE revision IS NOT NULL)
      UNION ALL SELECT from_at, to_at FROM members
        WHERE unit = ?1 AND type = 'in_force' AND value_hash IN (SELECT value_hash FROM inside WHERE type = 'change')
      UNION ALL SELECT from_at, to_at FROM members
        WHERE unit = ?1 AND type = 'change' AND value_hash IN (SELECT value_hash FROM inside WHERE type = 'in_force'))`);
  const inside = db.prepare(
    "SELECT seq, type FROM members WHERE unit = ? AND to_at >= ? AND from_at <= ? AND type != 'verdict'",
  );
  const verdicts = db.prepare("SELECT seq FROM members WHERE unit = ? AND type = 'verdict'");
  // With the last report before, since an increase needs something to increase from.
  const reports = db.prepare(`
    SELECT seq FROM statuses AS report WHERE environment = ?1 AND observed_at <= ?3 AND observed_at >= coalesce(
      (SELECT max(observed_at) FROM statuses
        WHERE environment = ?1 AND data_plane = report.data_plane AND observed_at < ?2), ?2)`);

  return {
    add(seq, unit, type, body) {
      const interval = body.type === 'change' ? intervalOf(body) : inForceInterval(body);
      insert.run(seq, unit, type === 'conflict' ? 'change' : type, ...interval, body.revision ?? null, contentOf(body));
      return interval;
    },
    addVerdict(seq, unit) {
      insert.run(seq, unit, 'verdict', 0, 0, null, null);
    },
    addStatus(seq, { environment, dataPlane, observedAt }) {
      insertStatus.run(environment, dataPlane, observedAt, seq);
    },
    forget(upTo) {
      db.prepare('DELETE FROM members WHERE seq <= ?').run(upTo);
      db.prepare('DELETE FROM statuses WHERE seq <= ?').run(upTo);
    },
    cluster(unit, [from, to]) {
      let interval: Interval = [from, to];
      for (;;) {
        const found = reach.get(unit, interval[0] - CLUSTER_GAP_MS, interval[1] + CLUSTER_GAP_MS);
        const wider: Interval = [
          Math.min(interval[0], Number(found?.from_at ?? interval[0])),
          Math.max(interval[1], Number(found?.to_at ?? interval[1])),
        ];
        if (wider[0] === interval[0] && wider[1] === interval[1]) return interval;
        interval = wider;
      }
    },
    load(unit, environment, [from, to]) {
      const found = inside.all(unit, from, to).map(({ seq, type }) => ({ seq: Number(seq), type: String(type) }));
      const ofType = (wanted: string): number[] => found.filter(({ type }) => type === wanted).map(({ seq }) => seq);
      const statuses =
        environment === null
          ? []
          : reports.all(environment, from, to + STATUS_HORIZON_MS).map(({ seq }) => Number(seq));
      return {
        changes: rows.bodies(ofType('change')) as ChangeObservation[],
        inForce: rows.bodies(ofType('in_force')) as InForceObservation[],
        statuses: rows.bodies(statuses) as StatusObservation[],
        verdicts: rows.bodies(verdicts.all(unit).map(({ seq }) => Number(seq))) as HumanVerdict[],
      };
    },
  };
}

function inForceInterval({ at, between }: InForceObservation): Interval {
  return [Math.min(at, between?.[0] ?? at), Math.max(at, between?.[1] ?? at)];
}

function contentOf(body: ChangeObservation | InForceObservation): string | null {
  if (body.type === 'in_force') return body.revision === undefined ? (body.valueHash ?? null) : null;
  return body.after === undefined || body.after === null ? null : valueHash(body.after);
}
