import { expect, test } from 'vitest';
import type { UsageReport } from '../report.ts';
import { createPacker } from './archivePack.ts';

const reports = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => ({ requestId: `r-${from + n}` }) as UsageReport);

test('small lots share a pack, a pack is never too large, and each hears when its own is durable', async () => {
  const sent: number[] = [];
  const durable: string[] = [];
  const packer = createPacker({
    maxEvents: 10,
    packsAtOnce: 2,
    send: async (pack) => void sent.push(pack.length),
    onError: () => {},
  });
  await packer.add(reports(4), () => void durable.push('a'));
  await packer.add(reports(4), () => void durable.push('b'));
  expect([sent, durable]).toEqual([[], []]);
  await packer.add(reports(4), () => void durable.push('c'));
  await packer.idle();
  expect([sent, durable]).toEqual([[8], ['a', 'b']]);
  await packer.add(reports(10), () => void durable.push('d'));
  await packer.idle();
  expect([sent, durable]).toEqual([
    [8, 4, 10],
    ['a', 'b', 'c', 'd'],
  ]);
  await packer.flush();
  await packer.idle();
  expect(sent).toHaveLength(3);
});

test('it takes no more than so many packs at once, and what failed is never called durable', async () => {
  const ends: ((error?: Error) => void)[] = [];
  const errors: unknown[] = [];
  let durable = 0;
  const packer = createPacker({
    maxEvents: 1,
    packsAtOnce: 2,
    send: () => new Promise((resolve, reject) => void ends.push((error) => (error ? reject(error) : resolve()))),
    onError: (error) => void errors.push(error),
  });
  const count = () => {
    durable += 1;
  };
  await packer.add(reports(1), count);
  await packer.add(reports(1), count);
  let third = false;
  const adding = packer.add(reports(1), count).then(() => {
    third = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect([ends.length, third]).toEqual([2, false]);
  const fault = new Error('closed');
  ends[0]?.(fault);
  await adding;
  expect([ends.length, errors]).toEqual([3, [fault]]);
  ends[1]?.();
  ends[2]?.();
  await packer.idle();
  expect(durable).toBe(2);
});
