import { rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RequestVersion } from '../../store.ts';
import type { Day, DayFiles } from '../days/dayFiles.ts';
import { unavailable } from '../engine/errors.ts';
import type { Gate } from '../engine/gate.ts';
import { Parameters } from '../engine/parameters.ts';
import type { Session } from '../engine/session.ts';
import { ROLLUP_TABLES } from '../sql/rollups.ts';
import { insertSql } from '../sql/stage.ts';
import { type EncodeOptions, encodeVersion, type StagedVersion } from './encode.ts';
import { heldCopies } from './heldCopies.ts';
import type { KeyIndex } from './keyIndex.ts';
import { planOf, type WritePlan } from './plan.ts';

/** Parsed and written out between two turns of the event loop: some milliseconds. */
const ENCODED_AT_ONCE = 250;

/** The engine's buffer is twice the longest line; lines are about a thousand bytes. */
const MIN_LINE_BYTES = 1024 * 1024;

/** A text of the engine is at most so many bytes for each unit of its length here. */
const BYTES_PER_UNIT = 3;

export interface WriterOptions {
  /** Looks up. */
  readonly session: Session;
  /** A connection for a transaction; the same number gives the same one. */
  writeSession(number: number): Promise<Session>;
  readonly gate: Gate;
  readonly days: DayFiles;
  readonly keys: KeyIndex;
  /** Where lines are put for the engine to read. */
  readonly directory: string;
}

/** The newest version of each request, in the order of their starts: which is how they are looked for later. */
export async function encodeVersions(
  versions: readonly RequestVersion[],
  options: EncodeOptions,
): Promise<readonly StagedVersion[]> {
  const newest = new Map<string, StagedVersion>();
  for (const [at, version] of versions.entries()) {
    if (at % ENCODED_AT_ONCE === ENCODED_AT_ONCE - 1) await nextTurn();
    const encoded = encodeVersion(version, options);
    const held = newest.get(encoded.identity);
    if (held !== undefined && held.seq >= encoded.seq) continue;
    // Of a batch the later one counts, but for one whose maker had forgotten: what it may replace is known later.
    if (held !== undefined && encoded.grounds !== undefined && held.grounds === undefined) continue;
    newest.set(encoded.identity, encoded);
  }
  return [...newest.values()].sort((a, b) => a.startMicros - b.startMicros);
}

/** What a batch did. */
export interface Applied {
  /** Slots that were written to. */
  readonly slots: readonly number[];
  /** Versions left out because the store would have forgotten something. */
  readonly forgetful: number;
}

/**
 * Applies versions: first the transactions of the days, then the one of the main file with the position, because the
 * engine writes to one file per transaction. A crash between them is healed by applying the same again: what is there
 * with the same or a higher `seq` is left alone.
 *
 * @param committed called when everything is durable, before any query can see it.
 */
export async function applyStaged(
  staged: readonly StagedVersion[],
  position: number,
  options: WriterOptions,
  committed: () => void,
): Promise<Applied> {
  const { session, days, keys } = options;
  const plan = planOf(staged, await heldCopies(staged, session, { days: days.all, keys }));
  for (const day of plan.inserts.keys()) {
    const isNew = days.find(day) === undefined;
    await days.ensure(session, day);
    if (isNew) keys.loaded(day, new Uint32Array());
  }
  const parts = partsOf(plan, position, options);
  await commitTogether([...parts.slice(0, -1), ...parts.slice(-1).map((part) => ({ ...part, committed }))], options);
  return { slots: plan.slots, forgetful: plan.forgetful };
}

/** Adds rows to a table: through a file, which the engine reads with all its threads and off the event loop. */
async function insert(
  table: string,
  rows: readonly StagedVersion[],
  session: Session,
  directory: string,
): Promise<void> {
  if (rows.length === 0) return;
  const path = join(directory, `${table}.ndjson`);
  const longest = rows.reduce((most, { line }) => Math.max(most, line.length * BYTES_PER_UNIT), MIN_LINE_BYTES);
  try {
    await writeFile(path, rows.map(({ line }) => line).join(''), { mode: 0o600 });
  } catch (error) {
    throw unavailable(error);
  }
  try {
    const parameters = new Parameters();
    parameters.text(path);
    await session.run(insertSql(table, longest), parameters);
  } finally {
    rmSync(path, { force: true });
  }
}

/** What is written to one file, in one transaction, and what is so once it is committed. */
interface Part {
  write(session: Session): Promise<void>;
  committed(): void;
}

/** In the order in which they must become durable. */
function partsOf(plan: WritePlan, position: number, { days, keys, directory }: WriterOptions): Part[] {
  const ordered = [
    ...[...plan.inserts.keys()].toSorted((a, b) => a - b),
    ...[...plan.deletes.keys()].filter((day) => !plan.inserts.has(day)),
  ];
  const ofDays = ordered.flatMap((number): Part[] => {
    const day = days.find(number);
    if (day === undefined) return [];
    const slots = plan.slotsAfter(number, day.slots);
    const added = plan.inserts.get(number) ?? [];
    return [
      {
        async write(session) {
          const gone = Map.groupBy(plan.deletes.get(number) ?? [], ({ table }) => table);
          const [succeeded, failed] = [added.filter((one) => !one.failed), added.filter((one) => one.failed)];
          const [ofSucceeded = '', ofFailed = ''] = day.tables;
          for (const [table, rows] of gone)
            await deleteRows(
              session,
              table,
              rows.map(({ row }) => row),
            );
          await insert(ofSucceeded, succeeded, session, directory);
          await insert(ofFailed, failed, session, directory);
          await writeSlots(session, day, slots);
        },
        committed() {
          day.slots = new Map([...day.slots, ...slots]);
          keys.add(
            number,
            added.map(({ k1 }) => k1),
          );
          day.maxSeq = added.reduce((most, { seq }) => Math.max(most, seq), day.maxSeq);
        },
      },
    ];
  });
  const ofMain: Part = {
    async write(session) {
      await deleteRows(session, 'store.open', plan.closed);
      await insert('store.open', plan.opens, session, directory);
      const now = new Parameters();
      await session.run(`UPDATE store.meta SET value = ${now.text(String(position))} WHERE name = 'position'`, now);
    },
    committed() {},
  };
  return [...ofDays, ofMain];
}

/** So many transactions are open at once, each on a connection of its own; a batch is rarely of more than two days. */
const OPEN_TRANSACTIONS = 8;

/**
 * Writes everything first and then commits it one after the other behind the gate, so that no reader sees a request in
 * two files or in none.
 */
async function commitTogether(parts: readonly Part[], { gate, writeSession }: WriterOptions): Promise<void> {
  const [prepared, late] = [parts.slice(-OPEN_TRANSACTIONS), parts.slice(0, -OPEN_TRANSACTIONS)];
  const sessions: Session[] = [];
  const begin = async (part: Part, number: number) => {
    const session = await writeSession(number);
    sessions[number] = session;
    await session.run('BEGIN');
    await part.write(session);
    return session;
  };
  try {
    for (const [number, part] of prepared.entries()) await begin(part, number);
    await gate.exclusive(async () => {
      for (const part of late) {
        await (await begin(part, OPEN_TRANSACTIONS)).run('COMMIT');
        part.committed();
      }
      for (const [number, part] of prepared.entries()) {
        await sessions[number]?.run('COMMIT');
        part.committed();
      }
    });
  } catch (error) {
    // What was committed stays and is found again; of the rest nothing is left. The engine may have ended a transaction.
    for (const session of sessions) await session.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function deleteRows(session: Session, table: string, rows: readonly number[]): Promise<void> {
  if (rows.length === 0) return;
  const parameters = new Parameters();
  await session.run(`DELETE FROM ${table} WHERE rowid IN (SELECT unnest(${parameters.wholes(rows)}))`, parameters);
}

async function writeSlots(
  session: Session,
  { db, slots: before }: Day,
  slots: ReadonlyMap<number, { readonly requests: number }>,
): Promise<void> {
  if (slots.size === 0) return;
  const given = [...slots.keys()];
  for (const table of given.some((slot) => before.get(slot)?.rolled === true) ? ROLLUP_TABLES : []) {
    await session.run(`DELETE FROM ${db}.${table} WHERE slot IN (${given.join(', ')})`);
  }
  await session.run(`DELETE FROM ${db}.slots WHERE slot IN (${given.join(', ')})`);
  const rows = [...slots].map(([slot, { requests }]) => `(${slot}, ${requests}, false)`);
  await session.run(`INSERT INTO ${db}.slots VALUES ${rows.join(', ')}`);
}
