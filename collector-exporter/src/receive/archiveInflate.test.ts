import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InflateError, inflate } from './archiveInflate.ts';

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<{ bytes: Buffer; error?: unknown }> {
  const parts: Uint8Array[] = [];
  try {
    for await (const part of source) parts.push(part);
  } catch (error) {
    return { bytes: Buffer.concat(parts), error };
  }
  return { bytes: Buffer.concat(parts) };
}

const text = Buffer.from(Array.from({ length: 4000 }, (_, n) => `{"line":${n},"x":${(n * 7919) % 1013}}\n`).join(''));
const gz = gzipSync(text);

test('inflates whatever the size of the pieces, and several members in a row', async () => {
  for (const size of [1, 7, 1000, 1 << 20]) {
    expect((await collect(inflate(pieces(gz.subarray(0, 2000), size)))).error).toMatchObject({ code: 'torn_gzip' });
  }
  for (const size of [999, 1 << 20]) {
    expect(await collect(inflate(pieces(Buffer.concat([gz, gz]), size)))).toEqual({
      bytes: Buffer.concat([text, text]),
    });
  }
});

test('torn anywhere, it hands out a prefix that grows with what is there, then names the tear', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: gz.length - 1 }),
      fc.integer({ min: 1, max: 40_000 }),
      async (cut, size) => {
        const { bytes, error } = await collect(inflate(pieces(gz.subarray(0, cut), size)));
        expect(error).toBeInstanceOf(InflateError);
        expect(error).toMatchObject({ code: 'torn_gzip' });
        expect(text.subarray(0, bytes.length).equals(bytes)).toBe(true);
        // Deflate holds back at most one block's worth of look-ahead: what came must be about as much as was there.
        expect(bytes.length).toBeGreaterThanOrEqual(Math.floor((text.length * (cut - 2000)) / gz.length) - 8192);
      },
    ),
    { numRuns: 60 },
  );
  const { bytes } = await collect(inflate(pieces(gz.subarray(0, gz.length - 8), 1 << 20)));
  expect(bytes.equals(text)).toBe(true);
});

test('no gzip, broken blocks and arbitrary bytes are named; nothing is empty but the empty', async () => {
  expect((await collect(inflate(pieces(Buffer.from('{"a":1}\n'), 100)))).error).toMatchObject({ code: 'bad_gzip' });
  const broken = Buffer.from(gz);
  broken.fill(0xff, gz.length >> 1, (gz.length >> 1) + 64);
  const half = await collect(inflate(pieces(broken, 512)));
  expect(half.error).toMatchObject({ code: 'bad_gzip' });
  expect(half.bytes.length).toBeGreaterThan(text.length / 4);
  expect(await collect(inflate(pieces(Buffer.alloc(0), 1)))).toEqual({ bytes: Buffer.alloc(0) });
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
      expect((await collect(inflate(pieces(bytes, 50)))).error).toBeInstanceOf(InflateError);
    }),
    { numRuns: 100 },
  );
});

test('a small one comes at once, and whatever is wrong with it is told as with a large one', async () => {
  const small = gzipSync(text.subarray(0, 5000));
  const known = (bytes: Uint8Array, maxBytes = 1 << 20) =>
    collect(inflate(pieces(bytes, 100), { size: bytes.length, maxBytes }));
  expect(await known(small)).toEqual({ bytes: text.subarray(0, 5000) });
  expect((await known(small.subarray(0, -1))).error).toMatchObject({ code: 'torn_gzip' });
  expect((await known(small.subarray(0, -1))).bytes).toEqual(text.subarray(0, 5000));
  expect((await known(small, 4999)).error).toMatchObject({ code: 'inflates_too_large' });
  expect((await known(small, 4999)).bytes).toEqual(text.subarray(0, 4999));
  expect((await known(Buffer.from('{}'))).error).toMatchObject({ code: 'bad_gzip' });
  expect(await known(Buffer.alloc(0))).toEqual({ bytes: Buffer.alloc(0) });
});

test('a bomb is stopped at the limit', async () => {
  const bomb = gzipSync(Buffer.alloc(64 << 20, 10));
  const { bytes, error } = await collect(inflate(pieces(bomb, 1 << 20), { maxBytes: 3 << 20 }));
  expect(error).toMatchObject({ code: 'inflates_too_large' });
  expect(bytes.length).toBe(3 << 20);
});

test('an error of the source passes through', async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield gz.subarray(0, gz.length >> 1);
    throw new Error('gone');
  }
  const { bytes, error } = await collect(inflate(failing()));
  expect(error).toMatchObject({ message: 'gone' });
  expect(bytes.length).toBeGreaterThan(0);
});
