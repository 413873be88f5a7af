import type { DatabaseSync } from 'node:sqlite';
import { lastTombstone } from './chain.ts';
import { derivation } from './derive.ts';
import { LEDGER_FORMAT } from './format.ts';
import { IDS_START, idsHashUpTo, observationIds, takenIn } from './observationIds.ts';
import { rowReader } from './rowLog.ts';

/** A table does not say what follows from the rows, though these are whole: it was altered beside the ledger. */
export interface DerivedFault {
  readonly fault: 'not_from_rows';
  readonly table: string;
  /** Of the first entry that is too many, missing or different: its id, or the number of its row. */
  readonly key: string;
}

/** Rows noted before they are folded: bounds what is in memory. */
const ROWS_PER_FOLD = 1000;

interface Compared {
  readonly table: string;
  readonly key: string;
  readonly columns: string;
  readonly where?: string;
}

/**
 * All that is shown, searched or decided by, and what the next fold would be made of. Not compared: the numbers of
 * versions and of units, which depend on the order of arrival and on what was dropped.
 */
const COMPARED: readonly Compared[] = [
  {
    table: 'changes',
    key: 'id',
    columns: `id, from_at, to_at, occurred_at, environment, kind, resource_key, resource_id, name, previous_name, action,
      actor_id, actor_name, actor_type, state, trust, source, result, data_plane, conflict, found_late, verdict, revision,
      change, before, after`,
  },
  { table: 'aliases', key: 'alias', columns: 'alias, id' },
  { table: 'in_force', key: 'change_id', columns: 'change_id, data_plane, environment, kind, resource_key, at' },
  { table: 'present', key: 'seq', columns: 'seq, environment, data_plane, held, kind, resource_key, at' },
  { table: 'gaps', key: 'last_seq', columns: 'feed_type, feed, scope, data_plane, from_at, to_at, reason, last_seq' },
  { table: 'statuses', key: 'seq', columns: 'environment, data_plane, observed_at, seq' },
  {
    table: 'members',
    key: 'seq',
    columns: 'seq, type, observed, environment, from_at, to_at, revision, value_hash, contest',
    // Of a verdict on a change that is gone.
    where: "type != 'verdict'",
  },
];

/**
 * Makes everything that follows from the rows anew, in temporary tables of the connection, and compares. Inside a
 * transaction of the caller, whose journal of temporary tables may be off.
 *
 * @returns the first difference, undefined where there is none.
 */
export function findDerivedFault(db: DatabaseSync): DerivedFault | undefined {
  const version = db.prepare('PRAGMA user_version').get()?.user_version;
  // Of an earlier version: they are made anew when the ledger is opened.
  if (version !== LEDGER_FORMAT.version) return undefined;
  db.exec(TEMPORARY_TABLES);
  // From here on a name without a schema is the temporary table, but for `rows`, of which there is one only.
  foldAll(db);
  const tombstone = lastTombstone(db);
  const dropped = tombstone?.to ?? 0;
  const hash = tombstone === undefined ? IDS_START : tombstone.idsHash;
  // A tombstone of version 1 says nothing of them.
  if (hash !== undefined && idsHashUpTo(db, dropped) !== hash)
    return { fault: 'not_from_rows', table: 'observation_ids', key: `1 to ${dropped}` };
  const ids = { table: 'observation_ids', key: 'seq', columns: 'id, content, seq', where: `seq > ${dropped}` };
  for (const compared of [...COMPARED, ids]) {
    const key = firstDifference(db, compared);
    if (key !== undefined) return { fault: 'not_from_rows', table: compared.table, key };
  }
  const misplaced = db
    .prepare(
      `SELECT seq FROM (
        SELECT seq, nth, row_number() OVER (PARTITION BY id ORDER BY seq, nth) - 1 AS expected FROM main.observation_ids
      ) WHERE nth != expected LIMIT 1`,
    )
    .get();
  if (misplaced === undefined) return undefined;
  return { fault: 'not_from_rows', table: 'observation_ids', key: String(misplaced.seq) };
}

/** The tables of the format but for the rows, beside those of the file and under the same names. */
const TEMPORARY_TABLES = LEDGER_FORMAT.tables
  .replace(/CREATE TABLE rows \([^;]*;/, '')
  .replaceAll('CREATE TABLE ', 'CREATE TEMP TABLE ')
  .replaceAll('CREATE INDEX ', 'CREATE INDEX temp.');

function foldAll(db: DatabaseSync): void {
  const rows = rowReader(db);
  const ids = observationIds(db);
  const derived = derivation({ db, onRollback: () => {} }, rows, ids);
  // A verdict is noted on a change, so that all changes have to be there first.
  for (const verdicts of [false, true]) {
    let noted = 0;
    for (const row of rows.all()) {
      if ((row.type === 'verdict') !== verdicts) continue;
      const observation = takenIn(row);
      if (observation !== undefined) ids.take(observation, row.seq);
      derived.note(row);
      noted += 1;
      if (noted % ROWS_PER_FOLD === 0) derived.settle();
    }
    derived.settle();
  }
}

function firstDifference(db: DatabaseSync, { table, key, columns, where = 'TRUE' }: Compared): string | undefined {
  const only = (one: string, other: string) =>
    `SELECT ${key} AS key FROM (
      SELECT ${columns} FROM ${one}.${table} WHERE ${where} EXCEPT SELECT ${columns} FROM ${other}.${table})`;
  const row = db.prepare(`${only('main', 'temp')} UNION ALL ${only('temp', 'main')} LIMIT 1`).get();
  return row === undefined ? undefined : String(row.key);
}
