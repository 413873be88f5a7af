import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import type { Gone } from './messages.ts';
import { whileWanted } from './whileWanted.ts';

test('a thread at work sees that nobody waits any more, and a signal that lives long is left alone', async () => {
  const wanted = new AbortController();
  const seen: Gone[] = [];
  const ask = async (gone: Gone) => {
    seen.push(gone);
    await Promise.resolve();
    return Atomics.load(gone, 0);
  };
  expect(await whileWanted(wanted.signal, ask)).toBe(0);
  expect(await whileWanted(undefined, ask)).toBe(0);
  const asked = whileWanted(wanted.signal, ask);
  wanted.abort();
  expect(await asked).toBe(1);
  await expect(
    whileWanted(new AbortController().signal, async () => {
      throw new Error('no store');
    }),
  ).rejects.toThrow('no store');
  expect(seen.map((gone) => Atomics.load(gone, 0))).toEqual([0, 0, 1]);
  expect(getEventListeners(wanted.signal, 'abort')).toEqual([]);
});
