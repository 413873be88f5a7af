import { describe, expect, it } from 'vitest';
import { DestinationClosedError } from './errors.ts';
import { BATCH_PAYLOAD_BYTES, CURSOR_LAG_MILLIS, WINDOW_ROWS } from './limits.ts';
import { accepted, createRig, hang, type Script, status } from './testing/rig.ts';

const CURSOR = 'destination:main';
const numbered = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `i${from + index}`);

describe('several destinations', () => {
  it('one that is dead for good does not slow another', async () => {
    const rig = createRig();
    const dead = rig.start(() => status(503), { name: 'dead' });
    const alive = rig.start(() => accepted, { name: 'alive' });
    for (let round = 0; round < 50; round += 1) {
      rig.stream.push(numbered(100, round * 100));
      dead.wake();
      alive.wake();
      await rig.clock.advance(1_000);
    }
    expect(alive.health()).toMatchObject({ state: 'ok', delivered: 5_000, backlogRows: 0 });
    expect(dead.health()).toMatchObject({ state: 'retrying', delivered: 0, backlogRows: 5_000 });
    expect(rig.cursors.get('destination:alive')).toBe(5_000);
    expect(rig.cursors.get('destination:dead')).toBe(0);
  });
});

describe('where it begins', () => {
  it.each([
    ['start', 3],
    ['end', 1],
  ] as const)('at the %s without a cursor', async (startAt, delivered) => {
    const rig = createRig();
    rig.stream.push(['a', 'b']);
    const destination = rig.start(() => accepted, { startAt });
    rig.stream.push(['c']);
    destination.wake();
    await rig.clock.advance(1_000);
    expect(destination.health().delivered).toBe(delivered);
  });

  it('at its cursor after a restart, whatever `startAt` says', async () => {
    const rig = createRig();
    rig.stream.push(numbered(10));
    const first = rig.start(() => accepted);
    await rig.clock.advance(1_000);
    const closing = first.close(1_000);
    await rig.clock.settle();
    await closing;
    rig.stream.push(numbered(5, 10));
    rig.sent.length = 0;
    rig.start(() => accepted, { startAt: 'end' });
    await rig.clock.advance(1_000);
    expect(rig.sent.flatMap(({ items }) => items)).toEqual(numbered(5, 10));
  });

  it('anew when the cursor belongs to a stream that is gone', async () => {
    const rig = createRig();
    rig.cursors.set(CURSOR, 999);
    rig.stream.push(['a']);
    const destination = rig.start(() => accepted);
    await rig.clock.advance(1_000);
    expect(destination.health().delivered).toBe(1);
  });
});

describe('how it works through the stream', () => {
  it('keeps so many requests in flight and no more, and holds few rows meanwhile', async () => {
    const rig = createRig();
    rig.stream.push(numbered(10_000));
    let reads = 0;
    const read = rig.stream.read.bind(rig.stream);
    rig.stream.read = (after, limit) => {
      if (limit.rows > 1) reads += 1;
      return read(after, limit);
    };
    const destination = rig.start(() => hang, { limits: { inFlight: 4, batchItems: 100 } });
    await rig.clock.advance(5_000);
    expect(rig.sent).toHaveLength(4);
    expect(destination.health().requestsInFlight).toBe(4);
    expect(reads).toBe(1);
  });

  it('goes only so far ahead of a row that does not settle', async () => {
    const rig = createRig();
    rig.stream.push(numbered(WINDOW_ROWS + 5_000));
    const destination = rig.start(({ items }) => (items.includes('i0') ? hang : accepted), {
      limits: { batchItems: 1_000 },
    });
    await rig.clock.until(() => destination.health().delivered >= WINDOW_ROWS - 1_000);
    await rig.clock.advance(1_000);
    expect(destination.health().delivered).toBeLessThan(WINDOW_ROWS + 1_000);
    expect(destination.health().backlogRows).toBe(WINDOW_ROWS + 5_000);
  });

  it('takes fewer rows at a time when they are large', async () => {
    const rig = createRig();
    rig.stream.push(Array.from({ length: 10 }, (_, index) => `${index}`.repeat(BATCH_PAYLOAD_BYTES / 3)));
    const destination = rig.start(() => accepted, { prepare: (row) => ({ items: [row.payload.slice(0, 1)] }) });
    await rig.clock.advance(1_000);
    expect(destination.health().delivered).toBe(10);
    expect(rig.sent.map(({ items }) => items.join(''))).toEqual(['012', '345', '678', '9']);
  });

  it('moves the cursor over settled rows only, in whatever order the answers come', async () => {
    const rig = createRig();
    rig.stream.push(numbered(4));
    const answers = new Map<string, () => void>();
    const script: Script = ({ items }) =>
      new Promise((resolve) => answers.set(items[0] ?? '', () => resolve(accepted)));
    rig.start(script, { limits: { batchItems: 1 } });
    await rig.clock.settle();
    const places: (number | undefined)[] = [];
    for (const item of ['i3', 'i1', 'i0', 'i2']) {
      answers.get(item)?.();
      await rig.clock.advance(CURSOR_LAG_MILLIS);
      places.push(rig.cursors.get(CURSOR));
    }
    expect(places).toEqual([0, 0, 2, 4]);
  });

  it('waits a moment for company when the line is quiet, never longer', async () => {
    const rig = createRig();
    const destination = rig.start(() => accepted, { limits: { lingerMillis: 100 } });
    await rig.clock.advance(10);
    const start = rig.clock.now();
    for (const payload of ['a', 'b', 'c']) {
      rig.stream.push([payload]);
      destination.wake();
      await rig.clock.advance(30);
    }
    await rig.clock.advance(100);
    expect(rig.sent.map(({ items, at }) => [items, at - start])).toEqual([[['a', 'b', 'c'], 100]]);
  });

  it('finds new rows by itself when nobody wakes it', async () => {
    const rig = createRig();
    const destination = rig.start(() => accepted);
    await rig.clock.advance(5_000);
    rig.stream.push(['a']);
    await rig.clock.advance(1_200);
    expect(destination.health().delivered).toBe(1);
  });

  it('tells of what was delivered, new rows only', async () => {
    const rig = createRig();
    rig.stream.push(['a,b', 'c', 'skip:x']);
    const told: string[][] = [];
    const destination = rig.start(() => accepted, { onDelivered: (items) => void told.push([...items]) });
    await rig.clock.advance(500);
    await Promise.all([destination.resend({ from: 0, to: 9 }), rig.clock.advance(500)]);
    expect(told).toEqual([['a', 'b', 'c']]);
  });

  it('saves the cursor at most every quarter of a second', async () => {
    const rig = createRig();
    rig.stream.push(numbered(1_000));
    rig.start(() => new Promise((resolve) => rig.clock.after(10, () => resolve(accepted))), {
      limits: { batchItems: 1, inFlight: 1 },
    });
    const before = rig.cursors.writes.length;
    await rig.clock.advance(2_500);
    expect(rig.cursors.writes.length - before).toBeLessThanOrEqual(10);
    expect(rig.cursors.get(CURSOR)).toBeGreaterThan(200);
  });

  it('goes on when the stream could not be read, or the cursor not be written, for a while', async () => {
    const rig = createRig();
    rig.stream.push(numbered(3));
    const read = rig.stream.read.bind(rig.stream);
    const set = rig.cursors.set.bind(rig.cursors);
    let broken = false;
    rig.stream.read = (after, limit) => {
      if (broken) throw new Error('disk');
      return read(after, limit);
    };
    rig.cursors.set = (reader, seq) => {
      if (broken) throw new Error('disk');
      set(reader, seq);
    };
    const destination = rig.start(() => accepted, { limits: { batchItems: 1 } });
    broken = true;
    await rig.clock.advance(10_000);
    broken = false;
    rig.stream.push(['d']);
    await rig.clock.advance(3_000);
    expect(destination.health().delivered).toBe(4);
    expect(rig.cursors.get(CURSOR)).toBe(4);
    expect(rig.logged.some((line) => line.level === 'error')).toBe(true);
  });

  it('starts over at its place when something of its own breaks', async () => {
    const rig = createRig();
    rig.stream.push(['a', 'throw', 'b']);
    let times = 0;
    const destination = rig.start(() => accepted, {
      setAside: {
        keep: async () => {
          times += 1;
          if (times === 1) throw new Error('a bug');
        },
      },
      limits: { batchItems: 1 },
    });
    await rig.clock.until(() => destination.health().backlogRows === 0, 10_000);
    expect(times).toBe(2);
    expect(rig.logged.filter((line) => line.message.includes('broke off'))).toHaveLength(1);
  });
});

describe('a destination that stays behind', () => {
  // Ten bytes a row.
  const rows = (count: number, from: number) =>
    Array.from({ length: count }, (_, index) => `row${String(from + index).padStart(7, '0')}`);

  it('loses its place beyond max_backlog, says so, and is filled up by resend', async () => {
    const rig = createRig();
    let mended = false;
    const destination = rig.start(() => (mended ? accepted : status(503)), { limits: { maxBacklogBytes: 1_000 } });
    rig.stream.push(rows(100, 1));
    await rig.clock.advance(5_000);
    expect(destination.health().gaps).toEqual([]);

    rig.stream.push(rows(50, 101));
    await rig.clock.advance(5_000);
    const gap = { reader: CURSOR, fromSeq: 1, toSeq: 100, from: 1, to: 100, rows: 100, reason: 'max_backlog' };
    expect(destination.health()).toMatchObject({ gaps: [gap], backlogRows: 50, backlogBytes: 500 });
    expect(rig.cursors.get(CURSOR)).toBe(100);
    expect(rig.counted.get('aisix_destination_rows_missed{max_backlog}')).toBe(100);
    expect(rig.logged.filter((line) => line.level === 'error')).toHaveLength(1);

    // A second loss right after the first is the same gap.
    rig.stream.push(rows(80, 151));
    await rig.clock.advance(5_000);
    expect(destination.health().gaps).toEqual([{ ...gap, toSeq: 180, to: 180, rows: 180 }]);

    mended = true;
    await rig.clock.until(() => destination.health().backlogRows === 0);
    expect(destination.health().delivered).toBe(50);
    const told: number[] = [];
    const done = destination.resend({ from: 0, to: 180 }, ({ items }) => told.push(items));
    await rig.clock.advance(2_000);
    expect(await done).toEqual({ rows: 180, items: 180 });
    expect(told.at(-1)).toBe(180);
    expect(destination.health()).toMatchObject({ gaps: [], delivered: 230, resends: [] });
    const delivered = rig.sent.flatMap(({ items }) => items);
    expect(new Set(delivered).size).toBe(230);
    expect([...rig.cursors.all().keys()]).toEqual([CURSOR]);
  });

  it('rows that were settled out of turn are not counted as missed', async () => {
    const rig = createRig();
    rig.stream.push(rows(100, 1));
    const destination = rig.start(({ items }) => (items.includes('row0000001') ? hang : accepted), {
      limits: { maxBacklogBytes: 1_200, batchItems: 10 },
    });
    await rig.clock.settle();
    rig.stream.push(rows(50, 101));
    await rig.clock.advance(5_000);
    const [gap] = destination.health().gaps;
    expect(gap).toMatchObject({ fromSeq: 1, toSeq: 90, rows: 10 });
  });

  it('what its old place still settles does not move the new one', async () => {
    const rig = createRig();
    rig.stream.push(['throw', ...rows(99, 2)]);
    rig.start(() => status(503), {
      limits: { maxBacklogBytes: 1_000 },
      setAside: { keep: () => new Promise((resolve) => rig.clock.after(8_000, resolve)) },
    });
    await rig.clock.advance(100);
    rig.stream.push(rows(50, 101));
    await rig.clock.advance(20_000);
    expect(rig.cursors.get(CURSOR)).toBe(100);
    expect(rig.cursors.writes.map(({ seq }) => seq)).toEqual([0, 100]);
  });

  it('records rows that the stream dropped before they were read', async () => {
    const rig = createRig();
    rig.stream.push(['a', 'b', 'c', 'd', 'e']);
    const first = rig.start(() => accepted, { limits: { batchItems: 1 } });
    await rig.clock.until(() => first.health().delivered === 5);
    const closing = first.close(100);
    await rig.clock.settle();
    await closing;
    rig.stream.push(numbered(10, 5));
    rig.stream.trimNow(9);
    const destination = rig.start(() => accepted);
    await rig.clock.advance(1_000);
    expect(destination.health()).toMatchObject({ delivered: 6, backlogRows: 0 });
    expect(destination.health().gaps).toEqual([
      { reader: CURSOR, fromSeq: 6, toSeq: 9, from: 10, to: 10, rows: 4, reason: 'trimmed' },
    ]);
  });
});

describe('resend', () => {
  it('sends a range again beside what is new, and survives a restart', async () => {
    const rig = createRig();
    rig.stream.push(numbered(2_000, 1));
    const slow: Script = () => new Promise((resolve) => rig.clock.after(50, () => resolve(accepted)));
    const limits = { batchItems: 20, lingerMillis: 0 };
    const first = rig.start(slow, { limits });
    await rig.clock.until(() => first.health().delivered === 2_000);
    rig.sent.length = 0;

    const interrupted = first.resend({ from: 501.2, to: 1_500 });
    interrupted.catch(() => {});
    await rig.clock.advance(600);
    rig.stream.push(['new']);
    first.wake();
    await rig.clock.advance(100);
    expect(rig.sent.some(({ items }) => items.includes('new'))).toBe(true);
    const closing = first.close(1_000);
    await rig.clock.advance(1_000);
    await closing;
    await expect(interrupted).rejects.toThrow(DestinationClosedError);
    expect(rig.cursors.all().size).toBe(2);
    const sentBefore = rig.sent.length;
    expect(sentBefore).toBeGreaterThan(5);

    const second = rig.start(slow, { limits });
    expect(second.health().resends).toMatchObject([{ from: 501, to: 1_500 }]);
    await rig.clock.until(() => second.health().resends.length === 0);
    const resent = rig.sent.flatMap(({ items }) => items).filter((item) => item !== 'new');
    expect(new Set(resent)).toEqual(new Set(numbered(1_000, 501)));
    expect(resent.length).toBeLessThan(1_000 + 100);
    expect([...rig.cursors.all().keys()]).toEqual([CURSOR]);
  });

  it('waits out trouble of the backend like everything else', async () => {
    const rig = createRig();
    rig.stream.push(numbered(10, 1));
    let down = false;
    const destination = rig.start(() => (down ? status(503) : accepted));
    await rig.clock.advance(1_000);
    down = true;
    const done = destination.resend({ from: 1, to: 5 });
    await rig.clock.advance(120_000);
    expect(destination.health()).toMatchObject({ state: 'retrying', resends: [{ rows: 0 }] });
    down = false;
    await rig.clock.advance(31_000);
    expect(await done).toEqual({ rows: 5, items: 5 });
  });

  it('sends only what the destination has come past, and counts rows, not requests', async () => {
    const rig = createRig();
    rig.stream.push(['i1', 'i2', 'a,b,c,d,e', 'i4', 'stuck', 'i6']);
    const destination = rig.start(({ items }) => (items.includes('stuck') ? hang : accepted), {
      limits: { batchItems: 2, inFlight: 1 },
    });
    await rig.clock.until(() => destination.health().delivered === 8);
    rig.sent.length = 0;
    const done = destination.resend({ from: 0, to: 100 });
    await rig.clock.advance(3_000);
    expect(await done).toEqual({ rows: 4, items: 8 });
    expect(rig.sent.flatMap(({ items }) => items)).toEqual(['i1', 'i2', 'a', 'b', 'c', 'd', 'e', 'i4']);
  });

  it('does not call a gap filled when rows were dropped on the way', async () => {
    const rig = createRig();
    rig.stream.push(numbered(2_000, 1));
    const destination = rig.start(() => new Promise((resolve) => rig.clock.after(10, () => resolve(accepted))), {
      limits: { batchItems: 100 },
    });
    await rig.clock.until(() => destination.health().delivered === 2_000);
    rig.cursors.addGap({
      reader: CURSOR,
      fromSeq: 1,
      toSeq: 2_000,
      from: 1,
      to: 2_000,
      rows: 2_000,
      reason: 'max_backlog',
    });
    const done = destination.resend({ from: 1, to: 2_000 });
    await rig.clock.advance(12);
    rig.stream.trimNow(1_900);
    await rig.clock.advance(5_000);
    expect((await done).rows).toBeLessThan(2_000);
    expect(destination.health().gaps).toHaveLength(1);
  });

  it('leaves a gap that the stream no longer holds, and ranges wait for each other', async () => {
    const rig = createRig();
    rig.stream.push(numbered(20, 1));
    const destination = rig.start(() => accepted);
    await rig.clock.advance(1_000);
    rig.cursors.addGap({ reader: CURSOR, fromSeq: 2, toSeq: 4, from: 2, to: 4, rows: 3, reason: 'max_backlog' });
    rig.cursors.addGap({ reader: CURSOR, fromSeq: 8, toSeq: 9, from: 8, to: 9, rows: 2, reason: 'max_backlog' });
    rig.cursors.addGap({ reader: 'other', fromSeq: 8, toSeq: 9, from: 8, to: 9, rows: 2, reason: 'max_backlog' });
    rig.stream.trimNow(3);
    const both = Promise.all([destination.resend({ from: 0, to: 10 }), destination.resend({ from: 9, to: 30 })]);
    const same = destination.resend({ from: 0, to: 10 });
    await rig.clock.advance(2_000);
    expect(await both).toEqual([
      { rows: 7, items: 7 },
      { rows: 12, items: 12 },
    ]);
    expect(await same).toEqual({ rows: 7, items: 7 });
    expect(rig.cursors.gaps().map(({ reader, fromSeq }) => [reader, fromSeq])).toEqual([
      [CURSOR, 2],
      ['other', 8],
    ]);
  });

  it.each([[{ from: 2, to: 1 }], [{ from: Number.NaN, to: 1 }], [{ from: 0, to: Number.POSITIVE_INFINITY }]])(
    'refuses %o',
    async (range) => {
      const destination = createRig().start(() => accepted);
      await expect(destination.resend(range)).rejects.toThrow(RangeError);
    },
  );
});

describe('close', () => {
  it('waits for requests under way, takes no more rows, saves the cursor, leaves no timer', async () => {
    const rig = createRig();
    rig.stream.push(numbered(10));
    const destination = rig.start(() => new Promise((resolve) => rig.clock.after(400, () => resolve(accepted))), {
      limits: { batchItems: 1, inFlight: 4 },
    });
    await rig.clock.settle();
    const closing = destination.close(5_000);
    await rig.clock.advance(400);
    await closing;
    expect(rig.cursors.get(CURSOR)).toBe(4);
    expect(rig.sent).toHaveLength(4);
    expect(rig.clock.timers).toBe(0);
    await expect(destination.resend({ from: 0, to: 1 })).rejects.toThrow(DestinationClosedError);
  });

  it('calls off what does not answer by the deadline', async () => {
    const rig = createRig();
    rig.stream.push(numbered(2));
    const destination = rig.start(({ items }) => (items[0] === 'i0' ? accepted : hang), { limits: { batchItems: 1 } });
    await rig.clock.settle();
    let closed = false;
    void destination.close(2_000).then(() => {
      closed = true;
    });
    await rig.clock.advance(1_900);
    expect(closed).toBe(false);
    await rig.clock.advance(200);
    expect(closed).toBe(true);
    expect(rig.cursors.get(CURSOR)).toBe(1);
  });

  it('does not wait for a backend that is down', async () => {
    const rig = createRig();
    rig.stream.push(numbered(100));
    const destination = rig.start(() => status(503), { limits: { batchItems: 10 } });
    await rig.clock.advance(60_000);
    const closing = destination.close(60_000);
    await rig.clock.settle();
    await closing;
    expect(rig.cursors.get(CURSOR)).toBe(0);
  });
});
