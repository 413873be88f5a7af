import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import { unavailable } from './errors.ts';
import { Parameters } from './parameters.ts';

/** A cell as this driver asks for them: integers come back as numbers, so cast what may exceed 2^53. */
export type Cell = string | number | boolean | null;

/** Statements on one connection, one after the other. */
export interface Session {
  run(sql: string, parameters?: Parameters): Promise<void>;
  rows(sql: string, parameters?: Parameters): Promise<readonly (readonly Cell[])[]>;
  /** The only column of a result, whole numbers, some thousands at a time. */
  numbers(sql: string, take: (chunk: readonly number[]) => void): Promise<void>;
  /** Columns of a result as the engine's own values, some thousands of rows at a time. */
  columns<Value>(
    sql: string,
    parameters: Parameters,
    take: (columns: readonly (readonly Value[])[]) => void,
  ): Promise<void>;
  /**
   * Columns of doubles and a last one of texts, some thousands of rows at a time: valid until `take` returns, the doubles
   * only as far as there are texts.
   */
  doublesAndText(
    sql: string,
    parameters: Parameters,
    take: (columns: readonly Float64Array[], texts: readonly (string | null)[]) => void,
  ): Promise<void>;
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
  /** Hands over the chunks of a result while it is made. */
  const chunks = (sql: string, parameters: Parameters, take: (chunk: DuckDBDataChunk) => void) =>
    guarded(async () => {
      const result = await connection.stream(sql, parameters.values, parameters.types);
      for (
        let chunk = await result.fetchChunk();
        chunk !== null && chunk.rowCount > 0;
        chunk = await result.fetchChunk()
      ) {
        signal?.throwIfAborted();
        take(chunk);
      }
    });
  return {
    run: (sql, parameters = new Parameters()) =>
      guarded(async () => {
        await connection.run(sql, parameters.values, parameters.types);
      }),
    rows: (sql, parameters = new Parameters()) =>
      guarded(async () => {
        const reader = await connection.runAndReadAll(sql, parameters.values, parameters.types);
        return reader.getRows().map((row) => row.map(plain));
      }),
    numbers: (sql, take) => chunks(sql, new Parameters(), (chunk) => take(chunk.getColumnValues(0).map(Number))),
    columns: <Value>(sql: string, parameters: Parameters, take: (columns: readonly (readonly Value[])[]) => void) =>
      chunks(sql, parameters, (chunk) => take(chunk.getColumns() as Value[][])),
    doublesAndText(sql, parameters, take) {
      let columns: readonly Float64Array[] = [];
      return chunks(sql, parameters, (chunk) => {
        const { rowCount } = chunk;
        const columnCount = chunk.columnCount - 1;
        if ((columns[0]?.length ?? 0) < rowCount) {
          columns = Array.from({ length: columnCount }, () => new Float64Array(rowCount));
        }
        for (const [place, column] of columns.entries()) {
          const vector = chunk.getColumnVector(place);
          for (let row = 0; row < rowCount; row += 1) column[row] = Number(vector.getItem(row));
        }
        take(columns, chunk.getColumnValues(columnCount) as (string | null)[]);
      });
    },
  };
}

function plain(value: unknown): Cell {
  if (typeof value === 'bigint') return Number(value);
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  throw new TypeError(`a cell of an unexpected type: ${typeof value}`);
}
