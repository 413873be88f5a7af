import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStreamFile } from '@aisix-observability/pipeline';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { OpenDestination } from './destinations.ts';
import { createRefills } from './refill.ts';

const NOW = 1_000_000;
const RANGE = { destination: 'sink', from: 100, to: 900 };
const GAP = { reader: 'destination:sink', from: 200, to: 300, rows: 3, reason: 'max_backlog' };

/** A stream of requests of which positions 1 to `trimmed` are gone, and a destination that remembers what it sent. */
async function rig({ rows = 10, trimmed = 6, keepMillis = NOW } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'aisix-refill-'));
  const file = openStreamFile(join(root, 'requests.db'));
  onTestFinished(async () => {
    await file.close();
    rmSync(root, { recursive: true, force: true });
  });
  const requests = file.stream('requests');
  const refill = file.stream('refill');
  requests.appendNow(Array.from({ length: rows }, (_, index) => ({ payload: `${index + 1}`, at: 210 + index * 10 })));
  await requests.trimTo(trimmed);
  const sent: string[] = [];
  let failing = false;
  const destination = {
    name: 'sink',
    async refill() {
      if (failing) throw new Error('closed');
      const held = refill.read(0, { rows: 100, bytes: 1e6 });
      sent.push(...held.map(({ payload }) => payload));
      await refill.trimTo(refill.stats().lastSeq);
      return { rows: held.length, items: held.length };
    },
  };
  const open = () =>
    createRefills({
      file,
      requests,
      refill,
      destinations: [{ destination, cursorName: 'destination:sink' } as unknown as OpenDestination],
      now: () => NOW,
      keepMillis,
    });
  return {
    file,
    sent,
    open,
    fail: (yes: boolean) => {
      failing = yes;
    },
  };
}

describe('what the store has to hand over', () => {
  it('is nothing while the stream holds everything', async () => {
    const { open } = await rig({ trimmed: 0 });
    expect(open().plan(RANGE)).toEqual({ segments: [], heldFrom: 1, done: 0 });
  });

  it('is what was trimmed: of gaps by position whenever it started, of the rest by its start', async () => {
    const { file, open } = await rig();
    file.cursors.addGap({ ...GAP, fromSeq: 3, toSeq: 4 });
    file.cursors.addGap({ ...GAP, fromSeq: 6, toSeq: 8 });
    const { segments, heldFrom } = open().plan(RANGE);
    expect(heldFrom).toBe(7);
    expect(segments.map(({ after, upTo }) => [after, upTo])).toEqual([
      [0, 2],
      [2, 4],
      [4, 5],
      [5, 6],
    ]);
    expect(segments.map(({ from, to }) => from === 100 && to === 901)).toEqual([true, false, true, false]);
  });

  it('is only what is left after a restart, and what lay on disk is sent', async () => {
    const { open, sent, fail } = await rig();
    const before = open();
    await before.page(RANGE, { requests: ['a', 'b'], done: 2 });
    fail(true);
    await expect(before.page(RANGE, { requests: ['c'], done: 4 })).rejects.toThrow('closed');
    fail(false);
    const after = open();
    expect(after.pending()).toEqual([RANGE]);
    const plan = after.plan(RANGE);
    expect([plan.done, plan.segments.map(({ after: from, upTo }) => [from, upTo])]).toEqual([4, [[4, 6]]]);
    await after.page(RANGE, { requests: [], done: plan.done });
    expect(sent).toEqual(['a', 'b', 'c']);
    after.end(RANGE, plan);
    expect(after.pending()).toEqual([]);
  });

  it('names the destinations there are', async () => {
    const { open } = await rig();
    expect(() => open().plan({ ...RANGE, destination: 'other' })).toThrow(/there is: sink/);
  });
});

describe('gaps at the end of a refill', () => {
  it.each([
    ['wholly trimmed', { fromSeq: 2, toSeq: 5 }, []],
    ['partly in the stream', { fromSeq: 5, toSeq: 9 }, [{ ...GAP, fromSeq: 7, toSeq: 9, from: 270 }]],
    ['wholly in the stream', { fromSeq: 8, toSeq: 9 }, [{ ...GAP, fromSeq: 8, toSeq: 9 }]],
  ])('%s', async (_, place, left) => {
    const { file, open } = await rig();
    file.cursors.addGap({ ...GAP, ...place });
    const refills = open();
    refills.storeAt(10);
    refills.end(RANGE, refills.plan(RANGE));
    expect(file.cursors.gaps()).toEqual(left);
  });

  it.each([
    ['the range does not cover them', { ...RANGE, from: 250 }, 10, NOW],
    ['the store never read their rows', RANGE, 3, NOW],
    ['retention may have dropped them', RANGE, 10, 100],
  ])('stay when %s', async (_, range, storeAt, keepMillis) => {
    const { file, open } = await rig({ keepMillis });
    const gap = { ...GAP, fromSeq: 2, toSeq: 5 };
    file.cursors.addGap(gap);
    const refills = open();
    refills.storeAt(storeAt);
    refills.end(range, refills.plan(range));
    expect(file.cursors.gaps()).toEqual([gap]);
  });
});
