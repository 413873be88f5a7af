import type { DatabaseSync } from 'node:sqlite';
import { documentHash } from '../model/canonicalJson.ts';
import type { ChangeObservation, InForceObservation, StatusObservation } from '../model/observation.ts';
import type { FoldInput, HumanVerdict } from './fold.ts';
import { type Interval, intervalOf } from './observed.ts';
import type { RowReader, RowType } from './rowLog.ts';
import { STATUS_HORIZON_MS } from './statusTimes.ts';
import { type FoldWindow, foldWindow, MOMENT_MS, mergedWindows } from './windows.ts';

/** Which rows belong to which unit, and when they speak of. */
export interface Members {
  add(seq: number, unit: number, type: RowType, body: ChangeObservation | InForceObservation): void;
  addVerdict(seq: number, unit: number): void;
  addStatus(seq: number, status: StatusObservation): void;
  /** Notes that rows contradict each other: contents of one id. */
  contest(contest: Uint8Array, seqs: readonly number[]): void;
  unitOf(seq: number): number | undefined;
  /** What a row speaks of, and where else there is something that is tied to it at any distance. */
  seeds(seq: number): Interval[];
  /** Drops rows up to a position. */
  forget(upTo: number): void;
  /** What of a unit is to be folded again after something new at these places. */
  windows(unit: number, seeds: readonly Interval[]): FoldWindow[];
  /** What is to be folded in a window. */
  load(unit: number, window: FoldWindow): FoldInput;
}

/** Verdicts have no time of their own. */
const NO_TIME = 0;

const inside = "unit = ?1 AND to_at >= ?2 AND from_at <= ?3 AND type != 'verdict'";

export function members(db: DatabaseSync, rows: RowReader): Members {
  const insert = db.prepare(`
    INSERT INTO members (seq, unit, type, observed, environment, from_at, to_at, revision, value_hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const insertStatus = db.prepare(
    'INSERT OR IGNORE INTO statuses (environment, data_plane, observed_at, seq) VALUES (?, ?, ?, ?)',
  );
  const setContest = db.prepare('UPDATE members SET contest = ? WHERE seq = ?');
  const unit = db.prepare('SELECT unit FROM members WHERE seq = ?');
  // Revisions and contests tie observations together at any distance, values tie times in force to changes.
  const ties = db.prepare(`
    WITH told AS (SELECT * FROM members WHERE seq = ?)
    SELECT from_at, to_at FROM told
    UNION SELECT m.from_at, m.to_at FROM told JOIN members m ON m.unit = told.unit AND m.revision = told.revision
    UNION SELECT m.from_at, m.to_at FROM told JOIN members m ON m.contest = told.contest
    UNION SELECT m.from_at, m.to_at FROM told JOIN members m ON m.unit = told.unit AND m.value_hash = told.value_hash
      AND 'in_force' IN (m.type, told.type)`);
  const withoutRevision = db.prepare(
    `SELECT 1 FROM members WHERE ${inside} AND type = 'change' AND revision IS NULL LIMIT 1`,
  );
  const spread = db.prepare(`
    WITH inside AS (SELECT * FROM members WHERE ${inside} AND type = 'change' AND observed = 1)
    SELECT min(from_at) AS from_at, max(to_at) AS to_at FROM (
      SELECT from_at, to_at FROM inside WHERE revision IS NULL OR to_at - from_at > ${MOMENT_MS}
      UNION ALL SELECT min(m.from_at), max(m.to_at) FROM members m
        WHERE m.unit = ?1 AND m.type = 'change' AND m.observed = 1 AND m.revision IN (SELECT revision FROM inside)
        GROUP BY m.revision HAVING max(m.to_at) - min(m.from_at) > ${MOMENT_MS})`);
  const loaded = db.prepare(`
    WITH inside AS (SELECT * FROM members WHERE ${inside}),
    tied AS (
      SELECT * FROM inside
      UNION SELECT m.* FROM members m WHERE m.unit = ?1 AND m.revision IN (SELECT revision FROM inside)
      UNION SELECT m.* FROM members m WHERE m.contest IN (SELECT contest FROM inside)
      UNION SELECT m.* FROM members m WHERE m.unit = ?1 AND m.type = 'in_force'
        AND m.value_hash IN (SELECT value_hash FROM inside WHERE type = 'change')
    )
    SELECT seq, type, environment FROM tied
    UNION SELECT seq, type, environment FROM members WHERE unit = ?1 AND type = 'change'
      AND value_hash IN (SELECT value_hash FROM tied WHERE type = 'in_force')`);
  const environments = db.prepare(`SELECT DISTINCT environment FROM members WHERE ${inside}`);
  const verdicts = db.prepare(`SELECT seq FROM members WHERE unit = ? AND to_at = ${NO_TIME} AND type = 'verdict'`);
  // With the last report before, since an increase needs something to increase from.
  // One step in the index for each, where DISTINCT would read every report there ever was.
  const dataPlanes = db.prepare(`
    WITH RECURSIVE planes (data_plane) AS (
      SELECT min(data_plane) FROM statuses WHERE environment = ?1
      UNION ALL SELECT (SELECT min(data_plane) FROM statuses s WHERE environment = ?1 AND s.data_plane > planes.data_plane)
        FROM planes WHERE data_plane IS NOT NULL
    ) SELECT data_plane FROM planes WHERE data_plane IS NOT NULL`);
  const reported = db.prepare(
    'SELECT 1 FROM statuses WHERE environment = ? AND data_plane = ? AND observed_at BETWEEN ? AND ? LIMIT 1',
  );
  const reports = db.prepare(`
    SELECT seq FROM statuses WHERE environment = ?1 AND data_plane = ?2 AND observed_at <= ?4 AND observed_at >= coalesce(
      (SELECT max(observed_at) FROM statuses WHERE environment = ?1 AND data_plane = ?2 AND observed_at < ?3), ?3)`);

  function reportsAround(environment: string, [from, to]: Interval): number[] {
    return dataPlanes
      .all(environment)
      .flatMap(({ data_plane: dataPlane }) =>
        reports.all(environment, dataPlane as string, from, to + STATUS_HORIZON_MS),
      )
      .map(({ seq }) => Number(seq));
  }

  function hasReports(environment: string, [from, to]: Interval): boolean {
    return dataPlanes
      .all(environment)
      .some(({ data_plane: dataPlane }) => reported.get(environment, dataPlane as string, from, to) !== undefined);
  }

  return {
    add(seq, of, type, body) {
      const isChange = body.type === 'change';
      insert.run(
        seq,
        of,
        type === 'conflict' ? 'change' : type,
        Number(isChange && body.trust === 'observed'),
        body.environment,
        ...(isChange ? intervalOf(body) : inForceInterval(body)),
        body.revision ?? null,
        contentOf(body),
      );
    },
    addVerdict(seq, of) {
      insert.run(seq, of, 'verdict', 0, null, NO_TIME, NO_TIME, null, null);
    },
    addStatus(seq, { environment, dataPlane, observedAt }) {
      insertStatus.run(environment, dataPlane, observedAt, seq);
    },
    contest(contest, seqs) {
      for (const seq of seqs) setContest.run(contest, seq);
    },
    unitOf(seq) {
      const found = unit.get(seq);
      return found === undefined ? undefined : Number(found.unit);
    },
    seeds: (seq) => ties.all(seq).map(intervalIn),
    forget(upTo) {
      db.prepare('DELETE FROM members WHERE seq <= ?').run(upTo);
      db.prepare('DELETE FROM statuses WHERE seq <= ?').run(upTo);
    },
    windows(of, seeds) {
      const reach = {
        hasPairingByTime: (within: Interval) => withoutRevision.get(of, ...within) !== undefined,
        hasReports: (within: Interval) =>
          environments
            .all(of, ...within)
            .some(({ environment }) => environment !== null && hasReports(String(environment), within)),
        spread(within: Interval) {
          const found = spread.get(of, ...within);
          return found?.from_at === null || found === undefined ? undefined : intervalIn(found);
        },
      };
      return mergedWindows(seeds.map((seed) => foldWindow(seed, reach)));
    },
    load(of, { within }) {
      const found = loaded.all(of, ...within);
      const ofType = (wanted: string) => found.filter(({ type }) => type === wanted).map(({ seq }) => Number(seq));
      const places = new Set(found.flatMap(({ environment }) => (environment === null ? [] : [String(environment)])));
      const told = [...places].flatMap((environment) => reportsAround(environment, within));
      return {
        changes: rows.bodies(ofType('change')) as ChangeObservation[],
        inForce: rows.bodies(ofType('in_force')) as InForceObservation[],
        statuses: rows.bodies(told) as StatusObservation[],
        verdicts: rows.bodies(verdicts.all(of).map(({ seq }) => Number(seq))) as HumanVerdict[],
      };
    },
  };
}

function intervalIn({ from_at, to_at }: Record<string, unknown>): Interval {
  return [Number(from_at), Number(to_at)];
}

function inForceInterval({ at, between }: InForceObservation): Interval {
  return [Math.min(at, between?.[0] ?? at), Math.max(at, between?.[1] ?? at)];
}

function contentOf(body: ChangeObservation | InForceObservation): string | null {
  if (body.type === 'in_force') return body.revision === undefined ? (body.valueHash ?? null) : null;
  return body.after === undefined || body.after === null ? null : documentHash(body.after);
}
