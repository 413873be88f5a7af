import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { StoreUnavailableError } from '../../store.ts';
import { unavailable } from './errors.ts';
import { lane } from './lanes.ts';
import { type Session, sessionOn } from './session.ts';

export interface EngineOptions {
  readonly directory: string;
  /** Bytes that the engine may hold; queries that need more go to the disk. */
  readonly memoryLimitBytes: number;
  /** Bytes that they may take there. */
  readonly spillLimitBytes: number;
  readonly threads: number;
  /**
   * Queries that run at once; each holds a thread of Node's pool (four, unless `UV_THREADPOOL_SIZE` says otherwise), of
   * which the writer and the file system need one each.
   */
  readonly readers: number;
}

/** `heavy` queries may look through everything; of those one fewer runs at once than of all. */
export type Weight = 'light' | 'heavy';

export interface Engine {
  /** Runs a query on a connection of its own; an aborted signal interrupts it. */
  read<T>(weight: Weight, work: (session: Session) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Resolves when every query that runs now is done. */
  finished(): Promise<void>;
  /** Connections of the writer, by number. */
  writeSession(number: number): Promise<Session>;
  close(): void;
}

/** Nothing that is written is compressed before it goes through a checkpoint, which this driver does by itself. */
const NO_AUTOMATIC_CHECKPOINT = '1TB';

const tooMany = () => new StoreUnavailableError('too many queries wait for their turn');

export async function openEngine(options: EngineOptions): Promise<Engine> {
  const directory = resolve(options.directory);
  const spill = join(directory, 'spill');
  rmSync(spill, { recursive: true, force: true });
  mkdirSync(spill, { recursive: true, mode: 0o700 });
  const instance = await create(options, spill);
  const setup = await instance.connect();
  // From here on nothing but the store's own directory can be read or written, whatever a statement says.
  await setup.run(`SET allowed_directories = ['${directory.replaceAll("'", "''")}/']`);
  await setup.run('SET enable_external_access = false');
  await setup.run('SET lock_configuration = true');
  setup.closeSync();

  const idle: DuckDBConnection[] = [];
  const all = new Set<DuckDBConnection>();
  const connect = async () => {
    const connection = await instance.connect();
    all.add(connection);
    return connection;
  };
  const writers = new Map<number, DuckDBConnection>();
  const any = lane(options.readers, tooMany);
  const heavy = lane(Math.max(1, options.readers - 1), tooMany);

  async function onConnection<T>(work: (session: Session) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const connection = idle.pop() ?? (await connect());
    const interrupt = () => connection.interrupt();
    signal?.addEventListener('abort', interrupt, { once: true });
    const session = sessionOn(connection, signal);
    try {
      return await work(session);
    } finally {
      signal?.removeEventListener('abort', interrupt);
      await sessionOn(connection)
        .run('ROLLBACK')
        .catch(() => undefined);
      idle.push(connection);
    }
  }

  const running = new Set<Promise<unknown>>();
  function counted<T>(work: () => Promise<T>): Promise<T> {
    const result = work();
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    running.add(settled);
    void settled.then(() => running.delete(settled));
    return result;
  }

  return {
    read(weight, work, signal) {
      const turn = () => any.turn(() => counted(() => onConnection(work, signal)), signal);
      return weight === 'heavy' ? heavy.turn(turn, signal) : turn();
    },
    async finished() {
      await Promise.all(running);
    },
    async writeSession(number) {
      const connection = writers.get(number) ?? (await connect());
      writers.set(number, connection);
      return sessionOn(connection);
    },
    close() {
      for (const connection of all) connection.closeSync();
      instance.closeSync();
    },
  };
}

async function create(options: EngineOptions, spill: string): Promise<DuckDBInstance> {
  try {
    return await DuckDBInstance.create(':memory:', {
      threads: String(options.threads),
      memory_limit: `${options.memoryLimitBytes}B`,
      temp_directory: spill,
      max_temp_directory_size: `${options.spillLimitBytes}B`,
      checkpoint_threshold: NO_AUTOMATIC_CHECKPOINT,
      preserve_insertion_order: 'true',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
    });
  } catch (error) {
    throw unavailable(error);
  }
}
