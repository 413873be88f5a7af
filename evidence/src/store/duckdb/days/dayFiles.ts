import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { StoreUnavailableError } from '../../store.ts';
import type { Session } from '../engine/session.ts';
import { TABLES_OF_DAY } from '../sql/failed.ts';
import { DAY_MIGRATIONS, daySchema } from '../sql/schema.ts';
import { createFile, LOG, quoted, sizeOf, UNFINISHED } from './databaseFile.ts';
import { databaseOfDay, dateOfDay, dayOfFile } from './dayName.ts';
import { migrate } from './migrate.ts';

/** Five minutes of a day: what rollups are made of, and the unit in which they are given up and made again. */
export interface Slot {
  readonly requests: number;
  readonly rolled: boolean;
}

export interface Day {
  readonly day: number;
  /** Name of its file in SQL. */
  readonly db: string;
  /** Its tables of requests, in SQL: those that succeeded, and those that did not. */
  readonly tables: readonly string[];
  readonly path: string;
  /** By slot number (start in µs / `SLOT_MICROS`). The writer replaces it with its commit, and never changes a map. */
  slots: ReadonlyMap<number, Slot>;
  maxSeq: number;
}

/**
 * More days than retention can reasonably hold: each is a file that stays open, and faulty clocks must not open
 * thousands.
 */
export const MAX_DAYS = 1200;

/** The files of the days, attached to the engine. */
export class DayFiles {
  readonly #directory: string;
  #days: readonly Day[] = [];

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Oldest first. The array is never changed, so that a query may keep it. */
  get all(): readonly Day[] {
    return this.#days;
  }

  find(day: number): Day | undefined {
    return this.#days.find((one) => one.day === day);
  }

  /** Those that may hold starts in `[from, to)`, µs. */
  within(from: number, to: number): readonly Day[] {
    return this.#days.filter(({ day }) => day * 86_400_000_000 < to && (day + 1) * 86_400_000_000 > from);
  }

  /** Attaches what is on the disk and throws away what was never finished. */
  async open(session: Session): Promise<void> {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(this.#directory)) {
      // A log without its file is left of a day that was dropped; it must never be replayed into a new one.
      const isOrphan = name.endsWith(LOG) && !existsSync(join(this.#directory, name.slice(0, -LOG.length)));
      if (name.includes(UNFINISHED) || isOrphan) rmSync(join(this.#directory, name), { force: true });
    }
    const days = readdirSync(this.#directory).flatMap((name) => dayOfFile(name) ?? []);
    for (const day of days.toSorted((a, b) => a - b)) await this.#attach(session, day);
  }

  /** The file of a day, made when there is none. */
  async ensure(session: Session, day: number): Promise<Day> {
    const known = this.find(day);
    if (known !== undefined) return known;
    if (this.#days.length >= MAX_DAYS) {
      throw new StoreUnavailableError(
        `the store holds ${MAX_DAYS} days, its limit; set a retention, or look for a clock that is wrong`,
      );
    }
    await createFile(session, this.#path(day), daySchema);
    return this.#attach(session, day);
  }

  /** From now on no query finds it; the caller removes the file once no query uses it. */
  forget(day: number): void {
    this.#days = this.#days.filter((one) => one.day !== day);
  }

  /** Takes the file of a day that is forgotten off the disk. */
  async remove(session: Session, { db, path }: Day): Promise<void> {
    await session.run(`DETACH ${db}`);
    for (const file of [path, `${path}${LOG}`]) rmSync(file, { force: true });
  }

  /** @returns bytes on the disk. */
  bytes(): number {
    return this.#days.reduce((total, { path }) => total + sizeOf(path) + sizeOf(`${path}${LOG}`), 0);
  }

  async #attach(session: Session, day: number): Promise<Day> {
    const path = this.#path(day);
    const db = databaseOfDay(day);
    await session.run(`ATTACH '${quoted(path)}' AS ${db}`);
    await migrate(session, db, `${dateOfDay(day)}.duckdb`, DAY_MIGRATIONS);
    const slots = (await session.rows(`SELECT slot, requests, rolled FROM ${db}.slots`)).map(
      ([slot, requests, rolled]) => [Number(slot), { requests: Number(requests), rolled: rolled === true }] as const,
    );
    const tables = TABLES_OF_DAY.map((table) => `${db}.${table}`);
    const newest = await session.rows(tables.map((table) => `SELECT max(seq) FROM ${table}`).join(' UNION ALL '));
    const maxSeq = newest.reduce((most, [seq]) => Math.max(most, Number(seq ?? 0)), 0);
    const made: Day = { day, db, tables, path, slots: new Map(slots), maxSeq };
    this.#days = [...this.#days, made].toSorted((a, b) => a.day - b.day);
    return made;
  }

  #path(day: number): string {
    return join(this.#directory, `${dateOfDay(day)}.duckdb`);
  }
}
