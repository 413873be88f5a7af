import { describe, expect, it } from 'vitest';
import type { DecodeContext } from '../decode/context.ts';
import { createCounter } from '../decode/testing/counter.ts';
import { decodeUsageNdjson } from '../decode/usageNdjson.ts';
import { decodeInPieces } from './decodeInPieces.ts';

const ctx: DecodeContext = {
  input: 'object_store',
  recorder: createCounter(),
  now: Date.parse('2026-11-23T12:00:00Z'),
};

function lineOf(at: number): string {
  if (at % 7 === 3) return 'not json';
  return `{"request_id":"r-${at}","occurred_at":"2026-11-23T11:00:00Z","attempt_index":0,"status_code":200}`;
}

describe('large NDJSON in pieces', () => {
  const bytes = Buffer.from(Array.from({ length: 500 }, (_, at) => lineOf(at)).join('\n'));

  it.each([1, 10, 100, 1000, 10_000, 1_000_000])(
    'gives the same as at once, in pieces of %i bytes',
    async (pieceBytes) => {
      expect(await decodeInPieces(bytes, ctx, pieceBytes)).toEqual(decodeUsageNdjson(bytes, ctx));
    },
  );

  it('lets others run in between', async () => {
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 0);
    await decodeInPieces(
      Buffer.concat(Array.from({ length: 40 }, () => Buffer.concat([bytes, Buffer.from('\n')]))),
      ctx,
      10_000,
    );
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });
});
