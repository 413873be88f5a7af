import { BIGINT, BOOLEAN, DOUBLE, type DuckDBType, type DuckDBValue, LIST, listValue, VARCHAR } from '@duckdb/node-api';

/** Values of a statement. They reach the engine beside the SQL, never in it: what is added gives back its `$n`. */
export class Parameters {
  readonly values: DuckDBValue[] = [];
  readonly types: DuckDBType[] = [];

  text(value: string): string {
    return this.#add(value, VARCHAR);
  }

  number(value: number): string {
    return this.#add(value, DOUBLE);
  }

  boolean(value: boolean): string {
    return this.#add(value, BOOLEAN);
  }

  /** A whole number, such as a time in µs. */
  whole(value: number): string {
    return this.#add(BigInt(value), BIGINT);
  }

  texts(values: readonly string[]): string {
    return this.#add(listValue([...values]), LIST(VARCHAR));
  }

  numbers(values: readonly number[]): string {
    return this.#add(listValue([...values]), LIST(DOUBLE));
  }

  wholes(values: readonly number[]): string {
    return this.#add(listValue(values.map(BigInt)), LIST(BIGINT));
  }

  #add(value: DuckDBValue, type: DuckDBType): string {
    this.values.push(value);
    this.types.push(type);
    return `$${this.values.length}`;
  }
}
