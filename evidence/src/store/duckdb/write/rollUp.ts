import { LOG, sizeOf } from '../days/databaseFile.ts';
import type { Day, DayFiles } from '../days/dayFiles.ts';
import type { Gate } from '../engine/gate.ts';
import type { Session } from '../engine/session.ts';
import { rollUpSql } from '../sql/rollups.ts';

/** Rows that are rolled up in one go, which is how long a batch may have to wait for it: some tenths of a second. */
const ROWS_AT_ONCE = 300_000;

/**
 * What is committed lies uncompressed in the log of its file, and is read again after a crash, until then: about as many
 * rows as the engine compresses together (122,880), so that few are compressed twice.
 */
const CHECKPOINT_LOG_BYTES = 128 * 1024 * 1024;

interface Range {
  readonly day: Day;
  readonly first: number;
  readonly last: number;
  readonly slots: readonly number[];
}

/** The next neighbouring slots of a day that are not rolled up and that `isQuiet`. */
export function nextToRollUp(days: readonly Day[], isQuiet: (slot: number) => boolean): Range | undefined {
  for (const day of days) {
    const slots: number[] = [];
    let rows = 0;
    for (const [slot, { rolled, requests }] of [...day.slots].toSorted(([a], [b]) => a - b)) {
      const wanted = !rolled && isQuiet(slot);
      const breaks = rolled || !wanted;
      if (slots.length > 0 && (breaks || rows + requests > ROWS_AT_ONCE)) break;
      if (!wanted) continue;
      slots.push(slot);
      rows += requests;
    }
    const [first, last] = [slots[0], slots.at(-1)];
    if (first !== undefined && last !== undefined) return { day, first, last, slots };
  }
  return undefined;
}

/** Rolls up a range in one transaction of its day. */
export async function rollUp({ day, first, last, slots }: Range, session: Session, gate: Gate): Promise<void> {
  await session.run('BEGIN');
  try {
    for (const sql of rollUpSql(day.db, first, last)) await session.run(sql);
    await session.run(`UPDATE ${day.db}.slots SET rolled = true WHERE slot IN (${slots.join(', ')})`);
    await gate.exclusive(async () => {
      await session.run('COMMIT');
      const rolled = slots.map(
        (slot) => [slot, { requests: day.slots.get(slot)?.requests ?? 0, rolled: true }] as const,
      );
      day.slots = new Map([...day.slots, ...rolled]);
    });
  } catch (error) {
    await session.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** Of a file that nothing is written to any more, less is worth it: it takes a tenth of the room in its file. */
const CHECKPOINT_QUIET_LOG_BYTES = 1024 * 1024;

/** Brings into their files what has piled up in the logs, at times of our choosing and not in the middle of a commit. */
export async function checkpointGrown(
  session: Session,
  days: DayFiles,
  mainPath: string,
  isQuiet: (slot: number) => boolean,
): Promise<void> {
  const files = days.all.map(({ db, path, slots }) => ({ db, path, quiet: [...slots.keys()].every(isQuiet) }));
  for (const { db, path, quiet } of [...files, { db: 'store', path: mainPath, quiet: false }]) {
    const limit = quiet ? CHECKPOINT_QUIET_LOG_BYTES : CHECKPOINT_LOG_BYTES;
    if (sizeOf(`${path}${LOG}`) >= limit) await session.run(`CHECKPOINT ${db}`);
  }
}
