import type { FieldType } from '@grafana/data';

/** A field of a table, before it is one of a frame. */
export interface Column {
  readonly name: string;
  readonly type: FieldType;
  readonly config: { readonly unit?: string };
  readonly values: unknown[];
}

/**
 * Makes the fields of a table out of its rows, one `read` each; what a row does not have is an empty cell. `unit` is one
 * of Grafana's.
 */
export function columnsOf<Row>(rows: readonly Row[]) {
  return (name: string, type: FieldType, read: (row: Row) => unknown, unit?: string): Column => ({
    name,
    type,
    config: unit === undefined ? {} : { unit },
    values: rows.map((row) => read(row) ?? null),
  });
}
