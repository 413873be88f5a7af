import type { DuckDBConnection } from '@duckdb/node-api';
import { unavailable } from './errors.ts';
import { Parameters } from './parameters.ts';

/** A cell as this driver asks for them: integers come back as numbers, so cast what may exceed 2^53. */
export type Cell = string | number | boolean | null;

/** Statements on one connection, one after the other. */
export interface Session {
  run(sql: string, parameters?: Parameters): Promise<void>;
  rows(sql: string, parameters?: Parameters): Promise<readonly (readonly Cell[])[]>;
}

/** @throws StoreUnavailableError whatever the engine refuses; `signal.reason` when the signal is aborted. */
export function sessionOn(connection: DuckDBConnection, signal?: AbortSignal): Session {
  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      throw unavailable(error);
    }
  }
  return {
    run: (sql, parameters = new Parameters()) =>
      guarded(async () => {
        const t0 = performance.now();
        await connection.run(sql, parameters.values, parameters.types);
        if (process.env.SQLT)
          process.stderr.write(`${(performance.now() - t0).toFixed(1)} ${sql.slice(0, 70).replace(/\s+/g, ' ')}\n`);
      }),
    rows: (sql, parameters = new Parameters()) =>
      guarded(async () => {
        const t0 = performance.now();
        const reader = await connection.runAndReadAll(sql, parameters.values, parameters.types);
        if (process.env.SQLT)
          process.stderr.write(`${(performance.now() - t0).toFixed(1)} ${sql.slice(0, 70).replace(/\s+/g, ' ')}\n`);
        return reader.getRows().map((row) => row.map(plain));
      }),
  };
}

function plain(value: unknown): Cell {
  if (typeof value === 'bigint') return Number(value);
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  throw new TypeError(`a cell of an unexpected type: ${typeof value}`);
}
