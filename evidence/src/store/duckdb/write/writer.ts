import { rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RequestVersion } from '../../store.ts';
import type { Day, DayFiles } from '../days/dayFiles.ts';
import { DAY_MICROS } from '../days/dayName.ts';
import { unavailable } from '../engine/errors.ts';
import type { Gate } from '../engine/gate.ts';
import { Parameters } from '../engine/parameters.ts';
import type { Session } from '../engine/session.ts';
import { COLUMN_NAMES } from '../sql/columns.ts';
import { ROLLUP_TABLES } from '../sql/rollups.ts';
import { stageSql } from '../sql/stage.ts';
import { type EncodeOptions, encodeVersion, type StagedVersion } from './encode.ts';
import { type HeldCopy, planOf, type WritePlan } from './plan.ts';

/** Parsed and written out between two turns of the event loop: some milliseconds. */
const ENCODED_AT_ONCE = 250;

/**
 * Where an earlier version may be: a first version and one that replaces it start at nearly the same time. Only a
 * correction (`revision` above 0) is looked for everywhere.
 */
const NEARBY_MICROS = 3600 * 1_000_000;

/** The engine's buffer is twice the longest line; lines are some hundred bytes. */
const MIN_LINE_BYTES = 1024 * 1024;

export interface WriterOptions extends EncodeOptions {
  readonly stagePath: string;
  /** Stages and looks up. */
  readonly session: Session;
  /** A connection for a transaction; the same number gives the same one. */
  writeSession(number: number): Promise<Session>;
  readonly gate: Gate;
  readonly days: DayFiles;
}

/**
 * Applies versions: first the transactions of the days, then the one of the main file with the position, because the
 * engine writes to one file per transaction. A crash between them is healed by applying the same again: what is there
 * with the same or a higher `seq` is left alone.
 *
 * @param committed called when everything is durable, before any query can see it.
 * @returns the slots that were written to.
 */
export async function applyVersions(
  versions: readonly RequestVersion[],
  position: number,
  options: WriterOptions,
  committed: () => void,
): Promise<readonly number[]> {
  const { session, days, stagePath } = options;
  const staged = await newestOfEach(versions, options);
  if (staged.length > 0) await stage(staged, session, stagePath);
  const plan = staged.length === 0 ? planOf([], []) : planOf(staged, await heldCopies(staged, session, days));
  for (const day of plan.inserts.keys()) await days.ensure(session, day);
  const parts = partsOf(plan, position, days);
  await commitTogether([...parts.slice(0, -1), ...parts.slice(-1).map((part) => ({ ...part, committed }))], options);
  return plan.slots;
}

async function newestOfEach(versions: readonly RequestVersion[], options: EncodeOptions): Promise<StagedVersion[]> {
  const newest = new Map<string, StagedVersion>();
  for (const [at, version] of versions.entries()) {
    if (at % ENCODED_AT_ONCE === ENCODED_AT_ONCE - 1) await nextTurn();
    const encoded = encodeVersion(version, options);
    const held = newest.get(encoded.identity);
    if (held === undefined || held.seq < encoded.seq) newest.set(encoded.identity, encoded);
  }
  return [...newest.values()];
}

async function stage(staged: readonly StagedVersion[], session: Session, path: string): Promise<void> {
  const lines = staged.map(({ rest }, at) => `{"i":${at}${rest}`);
  const longest = lines.reduce((most, line) => Math.max(most, line.length * 3), MIN_LINE_BYTES);
  try {
    await writeFile(path, lines.join(''), { mode: 0o600 });
  } catch (error) {
    throw unavailable(error);
  }
  try {
    const parameters = new Parameters();
    parameters.text(path);
    await session.run(stageSql(longest), parameters);
  } finally {
    rmSync(path, { force: true });
  }
}

const SAME_REQUEST = `r.k1 = s.k1 AND r.k2 = s.k2 AND r.environment = s.environment AND r.n = s.n
  AND r.request_uuid IS NOT DISTINCT FROM s.request_uuid AND r.request_text IS NOT DISTINCT FROM s.request_text
  AND r.trace_uuid IS NOT DISTINCT FROM s.trace_uuid AND r.trace_text IS NOT DISTINCT FROM s.trace_text`;

async function heldCopies(staged: readonly StagedVersion[], session: Session, days: DayFiles): Promise<HeldCopy[]> {
  const copies: HeldCopy[] = [];
  const find = async (db: string, day: number | undefined, where: string) => {
    const found = await session.rows(
      `SELECT s.id, r.rowid, r.seq, r.start_us FROM ${db} r JOIN memory.main.stage s ON ${SAME_REQUEST} WHERE ${where}`,
    );
    for (const [id, row, seq, start] of found) {
      copies.push({ id: Number(id), day, row: Number(row), seq: Number(seq), startMicros: Number(start) });
    }
  };
  await find('store.open', undefined, 'true');
  const starts = staged.map(({ startMicros }) => startMicros);
  for (const { day, db } of days.all) {
    const near = starts.filter(
      (start) => start + NEARBY_MICROS >= day * DAY_MICROS && start - NEARBY_MICROS < (day + 1) * DAY_MICROS,
    );
    if (near.length === 0) continue;
    const from = near.reduce((least, start) => Math.min(least, start), Number.POSITIVE_INFINITY) - NEARBY_MICROS;
    const to = near.reduce((most, start) => Math.max(most, start), 0) + NEARBY_MICROS;
    await find(`${db}.requests`, day, `r.start_us BETWEEN ${from} AND ${to}`);
  }
  const found = new Set(copies.map(({ id }) => id));
  if (!staged.some(({ revision }, id) => revision > 0 && !found.has(id))) return copies;
  const seen = new Set(copies.map(({ day, row }) => `${day} ${row}`));
  const near = copies.splice(0);
  for (const { day, db } of days.all) await find(`${db}.requests`, day, 's.revision > 0');
  return [...near, ...copies.filter(({ day, row }) => !seen.has(`${day} ${row}`))];
}

/** What is written to one file, in one transaction, and what is so once it is committed. */
interface Part {
  write(session: Session): Promise<void>;
  committed(): void;
}

/** In the order in which they must become durable. */
function partsOf(plan: WritePlan, position: number, days: DayFiles): Part[] {
  const dropped = new Parameters();
  const stays = plan.dropped.length === 0 ? '' : ` AND id NOT IN (SELECT unnest(${dropped.wholes(plan.dropped)}))`;
  const ordered = [
    ...[...plan.inserts.keys()].toSorted((a, b) => a - b),
    ...[...plan.deletes.keys()].filter((day) => !plan.inserts.has(day)),
  ];
  const ofDays = ordered.flatMap((number): Part[] => {
    const day = days.find(number);
    if (day === undefined) return [];
    const slots = plan.slotsAfter(number, day.slots);
    return [
      {
        async write(session) {
          await deleteRows(session, `${day.db}.requests`, plan.deletes.get(number) ?? []);
          if (plan.inserts.has(number)) {
            await session.run(
              `INSERT INTO ${day.db}.requests (${COLUMN_NAMES})
               SELECT ${COLUMN_NAMES} FROM memory.main.stage WHERE state <> 'open' AND day = ${number}${stays} ORDER BY start_us`,
              dropped,
            );
          }
          await writeSlots(session, day, slots);
        },
        committed() {
          day.slots = new Map([...day.slots, ...slots]);
          day.maxSeq = Math.max(day.maxSeq, plan.inserts.get(number)?.maxSeq ?? 0);
        },
      },
    ];
  });
  const ofMain: Part = {
    async write(session) {
      await deleteRows(session, 'store.open', plan.closed);
      if (plan.opens > 0) {
        await session.run(
          `INSERT INTO store.open (${COLUMN_NAMES}) SELECT ${COLUMN_NAMES} FROM memory.main.stage WHERE state = 'open'${stays}`,
          dropped,
        );
      }
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
