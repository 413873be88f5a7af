import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkLimit, checkRange, checkScope, checkSearch } from '../check/checkQuery.ts';
import { type EvidenceStore, StoreUnavailableError } from '../store.ts';
import { DayFiles, quoted, sizeOf } from './days/dayFiles.ts';
import { openEngine } from './engine/engine.ts';
import { Gate } from './engine/gate.ts';
import { Parameters } from './engine/parameters.ts';
import type { Session } from './engine/session.ts';
import type { StoreParts } from './parts.ts';
import { get } from './read/get.ts';
import { readRange } from './read/readRange.ts';
import { search } from './read/search.ts';
import { MAIN_SCHEMA, SCHEMA_VERSION } from './sql/schema.ts';
import { applyVersions } from './write/writer.ts';

const MIB = 1024 * 1024;

export interface DuckDbStoreOptions {
  /** Directory of the store alone; made when missing. */
  readonly directory: string;
  /** Keyed hash of a personal value, as callers see it where the value is hashed. */
  readonly hash: (text: string) => string;
  /** @default 1 GiB */
  readonly memoryLimitBytes?: number;
  /** What queries that need more memory may put on the disk. @default 4 GiB */
  readonly spillLimitBytes?: number;
  /** @default 2 */
  readonly threads?: number;
  /** Queries at once. @default 2 */
  readonly readers?: number;
}

/**
 * Opens the store in a directory, and makes it where there is none. One process at a time.
 *
 * @throws StoreUnavailableError when it is in use, damaged, or made by a newer version of the software.
 */
export async function openDuckDbStore(options: DuckDbStoreOptions): Promise<EvidenceStore> {
  const directory = resolve(options.directory);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const engine = await openEngine({
    directory,
    memoryLimitBytes: options.memoryLimitBytes ?? 1024 * MIB,
    spillLimitBytes: options.spillLimitBytes ?? 4096 * MIB,
    threads: options.threads ?? 2,
    readers: options.readers ?? 2,
  });
  try {
    return await openFiles(directory, options, engine);
  } catch (error) {
    engine.close();
    throw error;
  }
}

async function openFiles(
  directory: string,
  { hash }: DuckDbStoreOptions,
  engine: Awaited<ReturnType<typeof openEngine>>,
): Promise<EvidenceStore> {
  const mainPath = join(directory, 'main.duckdb');
  const session = await engine.writeSession(-1);
  const days = new DayFiles(join(directory, 'days'));
  const main = await openMain(session, mainPath);
  await days.open(session);
  let { position } = main;
  let closed = false;
  const store: StoreParts = { engine, gate: new Gate(), days, salt: main.salt, hash, position: () => position };
  const stagePath = join(directory, 'spill', 'stage.ndjson');

  let writing: Promise<unknown> = Promise.resolve();
  /** Writes go one after the other, whether the one before went well or not. */
  function write<T>(work: () => Promise<T>): Promise<T> {
    const result = writing.then(async () => {
      if (closed) throw new StoreUnavailableError('the store is closed');
      return work();
    });
    writing = result.catch(() => undefined);
    return result;
  }
  async function reading<T>(check: () => void, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (closed) throw new StoreUnavailableError('the store is closed');
    check();
    return work();
  }

  return {
    apply: (versions, upTo) =>
      write(async () => {
        const next = Math.max(position, upTo);
        await applyVersions(versions, next, {
          session,
          writeSession: (number) => engine.writeSession(number),
          gate: store.gate,
          days,
          stagePath,
          salt: store.salt,
          hash,
        });
        position = next;
      }),
    position: () => position,
    setNames: async () => {},
    search: (query, signal) =>
      reading(
        () => checkSearch(query),
        () => search(query, store, signal),
        signal,
      ),
    get: (query, signal) =>
      reading(
        () => checkScope(query.scope),
        () => get(query, store, signal),
        signal,
      ),
    volume: () => Promise.reject(new Error('not yet')),
    metrics: () => Promise.reject(new Error('not yet')),
    values: () => Promise.reject(new Error('not yet')),
    changed: () => Promise.reject(new Error('not yet')),
    read: (range) =>
      reading(
        () => {
          checkRange(range);
          checkLimit(range.limit);
        },
        () => readRange(range, store),
      ),
    dropBefore: async () => ({ days: 0, requests: 0 }),
    stats: async () => ({
      driver: 'duckdb',
      requests: 0,
      openRequests: 0,
      position,
      bytes: days.bytes() + sizeOf(mainPath),
      days: 0,
    }),
    async close() {
      if (closed) return;
      await writing;
      closed = true;
      engine.close();
    },
  };
}

async function openMain(session: Session, path: string): Promise<{ salt: string; position: number }> {
  const isNew = !existsSync(path);
  await session.run(`ATTACH '${quoted(path)}' AS store`);
  if (
    isNew ||
    (await session.rows("SELECT 1 FROM duckdb_tables() WHERE database_name = 'store' AND table_name = 'meta'"))
      .length === 0
  ) {
    await session.run('BEGIN');
    for (const sql of MAIN_SCHEMA) await session.run(sql);
    const parameters = new Parameters();
    const salt = parameters.text(randomBytes(32).toString('hex'));
    await session.run(
      `INSERT INTO store.meta VALUES ('schema', '${SCHEMA_VERSION}'), ('position', '0'), ('salt', ${salt})`,
      parameters,
    );
    await session.run('COMMIT');
  }
  const meta = new Map(
    (await session.rows('SELECT name, value FROM store.meta')).map(([name, value]) => [name, String(value)]),
  );
  return { salt: meta.get('salt') ?? '', position: Number(meta.get('position') ?? 0) };
}
