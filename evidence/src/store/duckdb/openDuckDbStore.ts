import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  checkAsked,
  checkLimit,
  checkRange,
  checkScope,
  checkSearch,
  checkSeries,
  checkValues,
  checkWindow,
} from '../check/checkQuery.ts';
import { type EvidenceStore, StoreUnavailableError } from '../store.ts';
import { sizeOf } from './days/databaseFile.ts';
import { DayFiles } from './days/dayFiles.ts';
import { openMain } from './days/mainFile.ts';
import { type Engine, openEngine } from './engine/engine.ts';
import { Gate } from './engine/gate.ts';
import type { StoreParts } from './parts.ts';
import { changed } from './read/changed.ts';
import { checkRegexes } from './read/checkRegexes.ts';
import { get } from './read/get.ts';
import { readRange } from './read/readRange.ts';
import { search } from './read/search.ts';
import { metrics, volume } from './read/series.ts';
import { stats } from './read/stats.ts';
import { values } from './read/values.ts';
import { readWindow } from './read/window.ts';
import { windowThings } from './read/windowThings.ts';
import { dropClosed } from './write/dropClosed.ts';
import { dropDays } from './write/dropDays.ts';
import { housekeeping } from './write/housekeeping.ts';
import { createKeyIndex } from './write/keyIndex.ts';
import { loadKeys } from './write/loadKeys.ts';
import { writeNames } from './write/names.ts';
import { writeQueue } from './write/writeQueue.ts';
import { applyStaged, encodeVersions } from './write/writer.ts';

const MIB = 1024 * 1024;

export interface DuckDbStoreOptions {
  /** Directory of the store alone; made when missing. */
  readonly directory: string;
  /** Keyed hash of a personal value, as callers see it where the value is hashed. */
  readonly hash: (text: string) => string;
  /** Milliseconds of a clock that only goes forward. @default performance.now */
  readonly now?: () => number;
  /** What happened behind callers' backs. */
  readonly log?: (level: 'info' | 'error', message: string) => void;
  /** Versions that were left out because the store knew more of their requests (`RequestVersion.knownFrom`). */
  readonly onForgetful?: (versions: number) => void;
  /** @default 1 GiB */
  readonly memoryLimitBytes?: number;
  /** What queries that need more memory may put on the disk. @default 4 GiB */
  readonly spillLimitBytes?: number;
  /** @default 2 */
  readonly threads?: number;
  /** Queries at once. @default 2 */
  readonly readers?: number;
}

export interface DuckDbStore extends EvidenceStore {
  /** Does now all that is done in quiet moments otherwise: rollups, and bringing logs into their files. */
  settle(): Promise<void>;
}

/**
 * Opens the store in a directory, and makes it where there is none. One process at a time.
 *
 * @throws StoreUnavailableError when it is in use, damaged, or made by a newer version of the software.
 */
export async function openDuckDbStore(options: DuckDbStoreOptions): Promise<DuckDbStore> {
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

async function openFiles(directory: string, options: DuckDbStoreOptions, engine: Engine): Promise<DuckDbStore> {
  const { hash, now = () => performance.now(), log = () => undefined } = options;
  const mainPath = join(directory, 'main.duckdb');
  const session = await engine.writeSession(-1);
  const days = new DayFiles(join(directory, 'days'));
  let position = await openMain(session, mainPath);
  await days.open(session);
  await dropClosed(session, days);
  let closed = false;
  const store: StoreParts = {
    engine,
    gate: new Gate(),
    days,
    keys: createKeyIndex(),
    hash,
    things: windowThings(),
    position: () => position,
  };
  const write = writeQueue();
  const keeping = housekeeping({ store, session, mainPath, write, now, log });
  const writer = {
    session,
    writeSession: (number: number) => engine.writeSession(number),
    gate: store.gate,
    days,
    keys: store.keys,
    directory: join(directory, 'spill'),
  };

  const atOpening = days.all;
  const loading = (async () => {
    for (const day of atOpening.toReversed()) if (!closed) await loadKeys(day, store);
  })().catch((error: unknown) => log('error', `Keys cannot be read: ${String(error)}`));

  function mustBeOpen(): void {
    if (closed) throw new StoreUnavailableError('the store is closed');
  }
  async function reading<T>(check: () => void, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    mustBeOpen();
    check();
    return work();
  }
  async function asking<T>(
    check: () => void,
    query: Parameters<typeof checkRegexes>[0],
    work: () => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    return reading(
      check,
      async () => {
        await checkRegexes(query, engine, signal);
        return work();
      },
      signal,
    );
  }

  return {
    apply(versions, upTo) {
      // Begins before its turn: one batch is read here while the engine writes the one before.
      const encoding = encodeVersions(versions, { hash });
      encoding.catch(() => undefined);
      return write(async () => {
        const staged = await encoding;
        mustBeOpen();
        const next = Math.max(position, upTo);
        const { slots, forgetful } = await applyStaged(staged, next, writer, () => {
          position = next;
        });
        keeping.touched(slots);
        if (forgetful > 0) options.onForgetful?.(forgetful);
      });
    },
    position: () => position,
    setNames: (names) =>
      write(async () => {
        mustBeOpen();
        await writeNames(names, session);
      }),
    search: (query, signal) =>
      asking(
        () => checkSearch(query),
        query,
        () => search(query, store, signal),
        signal,
      ),
    get: (query, signal) =>
      reading(
        () => checkScope(query.scope),
        () => get(query, store, signal),
        signal,
      ),
    volume: (query, signal) =>
      asking(
        () => checkSeries(query),
        query,
        () => volume(query, store, signal),
        signal,
      ),
    metrics: (query, signal) =>
      asking(
        () => checkSeries(query),
        query,
        () => metrics(query, store, signal),
        signal,
      ),
    values: (query, signal) =>
      reading(
        () => checkValues(query),
        () => values(query, store, signal),
        signal,
      ),
    changed: (query, signal) =>
      asking(
        () => {
          checkAsked(query);
          checkLimit(query.limit);
        },
        query,
        () => changed(query, store, signal),
        signal,
      ),
    window: (query, signal) =>
      reading(
        () => checkWindow(query),
        () => readWindow(query, store, signal),
        signal,
      ),
    read: (range) =>
      reading(
        () => {
          checkRange(range);
          checkLimit(range.limit);
        },
        () => readRange(range, store),
      ),
    dropBefore: (time) =>
      write(async () => {
        mustBeOpen();
        return dropDays(time, session, store);
      }),
    stats: () =>
      reading(
        () => undefined,
        () => stats(store, days.bytes() + sizeOf(mainPath) + sizeOf(`${mainPath}.wal`)),
      ),
    settle: () => keeping.settle(),
    async close() {
      if (closed) return;
      closed = true;
      keeping.stop();
      await loading;
      await write(async () => undefined);
      await engine.finished();
      engine.close();
    },
  };
}
