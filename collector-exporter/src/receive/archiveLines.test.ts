import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LineBatch, lineBatches } from './archiveLines.ts';

const LIMITS = { maxLines: 3, maxBytes: 40, maxLineBytes: 30 };

async function* pieces(parts: readonly string[], fault?: Error): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
  if (fault !== undefined) throw fault;
}

async function collect(source: AsyncIterable<LineBatch>): Promise<{ batches: LineBatch[]; error?: unknown }> {
  const batches: LineBatch[] = [];
  try {
    for await (const batch of source) batches.push(batch);
  } catch (error) {
    return { batches, error };
  }
  return { batches };
}

const textOf = (batch: LineBatch) => Buffer.from(batch.bytes).toString();

/** Cuts a text at the given places. */
function cut(text: string, places: readonly number[]): string[] {
  const sorted = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
  return [0, ...sorted].map((start, index) => text.slice(start, sorted[index] ?? text.length));
}

const line = fc.oneof(
  fc.stringMatching(/^[a-z]{0,12}$/),
  fc.integer({ min: 0, max: 60 }).map((size) => '\n'.repeat(size)),
  fc.integer({ min: 28, max: 60 }).map((size) => 'L'.repeat(size)),
);

test('every line comes once, in order, numbered, whatever the pieces; long ones are marked and not held', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.boolean(), fc.array(fc.nat(2000)), async (lines, closed, places) => {
      const text = lines.join('\n') + (closed && lines.length > 0 ? '\n' : '');
      const { batches, error } = await collect(lineBatches(pieces(cut(text, places)), LIMITS));
      expect(error).toBeUndefined();
      const expected = text.split('\n');
      if (expected.at(-1) === '') expected.pop();
      const seen: string[] = [];
      let offset = 0;
      for (const batch of batches) {
        expect(batch.firstLine).toBe(seen.length + 1);
        const filled = textOf(batch)
          .split('\n')
          .filter((value) => value !== '').length;
        expect(filled).toBeLessThanOrEqual(LIMITS.maxLines);
        expect(batch.isBlank).toBe(filled === 0);
        expect(batch.bytes.length).toBeLessThan(LIMITS.maxBytes + LIMITS.maxLineBytes);
        if (batch.tooLong) {
          expect(batch.bytes.length).toBe(0);
          seen.push('long');
        } else {
          const inside = textOf(batch).split('\n');
          if (inside.at(-1) === '') inside.pop();
          expect(inside.length).toBe(batch.lines);
          seen.push(...inside);
        }
        offset += batch.tooLong ? 0 : batch.bytes.length;
      }
      const ends = expected.map(
        (value, index) => value.length + (index < expected.length - 1 || text.endsWith('\n') ? 1 : 0),
      );
      expect(seen).toEqual(expected.map((value, index) => ((ends[index] ?? 0) > LIMITS.maxLineBytes ? 'long' : value)));
      expect(batches.at(-1)?.endOffset ?? 0).toBe(text.length);
      expect(offset).toBeLessThanOrEqual(text.length);
    }),
    { numRuns: 500 },
  );
});

test('reading goes on at the end of any batch', async () => {
  const text = Array.from({ length: 20 }, (_, n) => (n % 7 === 3 ? 'L'.repeat(50) : `line${n}`)).join('\n');
  const { batches } = await collect(lineBatches(pieces([text]), LIMITS));
  for (const [index, stop] of batches.entries()) {
    const from = { offset: stop.endOffset, lines: stop.firstLine + stop.lines - 1 };
    const rest = await collect(lineBatches(pieces([text.slice(from.offset)]), { ...LIMITS, from }));
    expect(
      rest.batches.map((batch) => [batch.firstLine, batch.lines, batch.endOffset, batch.tooLong, textOf(batch)]),
    ).toEqual(
      batches
        .slice(index + 1)
        .map((batch) => [batch.firstLine, batch.lines, batch.endOffset, batch.tooLong, textOf(batch)]),
    );
  }
});

test('lines before a fault come out, the torn one does not', async () => {
  const fault = new Error('torn');
  const { batches, error } = await collect(lineBatches(pieces(['one\ntwo\nth', 'ree\nfo'], fault), LIMITS));
  expect(batches.map(textOf).join('')).toBe('one\ntwo\nthree\n');
  expect(error).toBe(fault);
});

test('a hundred million empty lines are gone through at once', async () => {
  const limits = { maxLines: 1000, maxBytes: 1 << 22, maxLineBytes: 1 << 24 };
  const { batches } = await collect(
    lineBatches(pieces(Array.from({ length: 100 }, () => '\n'.repeat(1 << 20))), limits),
  );
  expect(batches).toHaveLength(25);
  expect(batches.at(-1)).toMatchObject({ isBlank: true, endOffset: 100 << 20, lines: 1 << 22 });
});
