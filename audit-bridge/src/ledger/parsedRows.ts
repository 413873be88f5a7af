/** Of the texts of rows that are kept parsed: a busy resource is folded with each call, and most of its rows again. */
const KEPT_BYTES = 16 * 1024 * 1024;

/** Parsed bodies of rows, the last ones that were asked for; rows never change. */
export interface ParsedRows {
  get(seq: number): unknown;
  put(seq: number, parsed: unknown, bytes: number): void;
  /** Of a row that was rolled back: its number will be that of another one. */
  forget(seq: number): void;
}

export function parsedRows(maxBytes = KEPT_BYTES): ParsedRows {
  const kept = new Map<number, { readonly parsed: unknown; readonly bytes: number }>();
  let held = 0;
  function forget(seq: number): void {
    held -= kept.get(seq)?.bytes ?? 0;
    kept.delete(seq);
  }
  return {
    get(seq) {
      const row = kept.get(seq);
      if (row === undefined) return undefined;
      // The order of the map is that of the last use.
      kept.delete(seq);
      kept.set(seq, row);
      return row.parsed;
    },
    put(seq, parsed, bytes) {
      forget(seq);
      kept.set(seq, { parsed, bytes });
      held += bytes;
      for (const oldest of kept.keys()) {
        if (held <= maxBytes) break;
        forget(oldest);
      }
    },
    forget,
  };
}
