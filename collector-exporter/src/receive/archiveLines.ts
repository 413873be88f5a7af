/** Some complete lines of a file, cut at line ends. */
export interface LineBatch {
  /** The lines with their line ends; empty when the batch stands for a line that was too long. */
  readonly bytes: Uint8Array;
  /** Number of the first line, counted from 1. */
  readonly firstLine: number;
  readonly lines: number;
  /** Bytes of the (inflated) file up to and including this batch. */
  readonly endOffset: number;
  /** No line holds anything: there is nothing to decode. */
  readonly isBlank: boolean;
  /** The batch is one line beyond `maxLineBytes`, which was skipped without being held. */
  readonly tooLong: boolean;
}

export interface LineBatchOptions {
  /** Where reading goes on: the bytes and lines that were handed out before. */
  readonly from?: { readonly offset: number; readonly lines: number };
  /** Empty lines do not count: a bomb of line ends must not become millions of batches. */
  readonly maxLines: number;
  readonly maxBytes: number;
  readonly maxLineBytes: number;
}

const LINE_END = 10;

/**
 * Cuts bytes into batches of complete lines; holds at most one batch and one line. The last line needs no line end.
 * When the source throws, all complete lines before that are handed out first, the torn line is dropped, and the
 * error follows.
 */
export async function* lineBatches(
  source: AsyncIterable<Uint8Array>,
  { from = { offset: 0, lines: 0 }, maxLines, maxBytes, maxLineBytes }: LineBatchOptions,
): AsyncGenerator<LineBatch, void, undefined> {
  let offset = from.offset;
  let linesBefore = from.lines;
  let parts: Uint8Array[] = [];
  let lines = 0;
  let filled = 0;
  let completeBytes = 0;
  let lineBytes = 0;
  let skipping = false;

  function flush(tooLong = false): LineBatch {
    const held = parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
    const bytes = held.subarray(0, completeBytes);
    const count = tooLong ? 1 : lines;
    offset += tooLong ? lineBytes : completeBytes;
    const isBlank = filled === 0;
    const batch = { bytes, firstLine: linesBefore + 1, lines: count, endOffset: offset, isBlank, tooLong };
    linesBefore += count;
    parts = [];
    lines = 0;
    filled = 0;
    completeBytes = 0;
    return batch;
  }

  let fault: { readonly error: unknown } | undefined;
  const pieces = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      let next: IteratorResult<Uint8Array>;
      try {
        next = await pieces.next();
      } catch (error) {
        fault = { error };
        break;
      }
      if (next.done === true) break;
      const piece = next.value;
      let kept = 0;
      let position = 0;
      for (;;) {
        if (lineBytes === 0 && !skipping) {
          // A run of empty lines, without a search for each.
          const first = position;
          const stop = Math.min(piece.length, first + maxBytes - completeBytes);
          while (position < stop && piece[position] === LINE_END) position += 1;
          lines += position - first;
          completeBytes += position - first;
          if (completeBytes >= maxBytes) {
            parts.push(piece.subarray(kept, position));
            kept = position;
            yield flush();
          }
        }
        const end = piece.indexOf(LINE_END, position);
        const stop = end === -1 ? piece.length : end + 1;
        lineBytes += stop - position;
        position = stop;
        if (!skipping && lineBytes > maxLineBytes) {
          // Lines before the long one go out first; of the long one nothing is kept.
          if (position > kept) parts.push(piece.subarray(kept, position));
          if (lines > 0) yield flush();
          parts = [];
          skipping = true;
        }
        if (end === -1) break;
        if (skipping) {
          yield flush(true);
          skipping = false;
          kept = position;
        } else {
          lines += 1;
          completeBytes += lineBytes;
          if (lineBytes > 1) filled += 1;
          if (filled >= maxLines || completeBytes >= maxBytes) {
            parts.push(piece.subarray(kept, position));
            kept = position;
            yield flush();
          }
        }
        lineBytes = 0;
      }
      if (!skipping && position > kept) parts.push(piece.subarray(kept, position));
    }
    if (fault === undefined) {
      if (skipping) yield flush(true);
      else if (lineBytes > 0) {
        lines += 1;
        filled += 1;
        completeBytes += lineBytes;
      }
    }
    if (lines > 0) yield flush();
  } finally {
    await pieces.return?.();
  }
  if (fault !== undefined) throw fault.error;
}
