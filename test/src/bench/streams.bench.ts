/**
 * How fast the durable streams are, without anything around them:
 * `node test/src/bench/streams.bench.ts [--seconds 10] [--keyed-rows 2000000] [--dir <on the disk to measure>]`.
 */
import { randomBytes, randomFillSync } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openStreamFile, type StreamFile, type StreamRecord } from '@aisix-observability/pipeline';

const { values: args } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    'keyed-rows': { type: 'string', default: '2000000' },
    dir: { type: 'string', default: tmpdir() },
  },
});
const SECONDS = Number(args.seconds);
const KEYED_ROWS = Number(args['keyed-rows']);

const EVENTS_PER_BATCH = 100;
const BATCH_BYTES = 90_000;
const CALLERS = 8;
const PACED_EVENTS_PER_SECOND = 20_000;
const PACED_KEYED_ROWS_PER_SECOND = 4_000;

/** Text that no file system can compress, cut at a random place so that no two are alike. */
const noise = randomBytes(400_000).toString('base64');
const text = (bytes: number): string => {
  const start = Math.floor(Math.random() * (noise.length - bytes));
  return noise.slice(start, start + bytes);
};
const record = (bytes: number): StreamRecord => ({ payload: text(bytes), at: Date.now() });

const keyBytes = new Uint8Array(8);
const keyView = new DataView(keyBytes.buffer);
const keyedRecord = (): StreamRecord => {
  randomFillSync(keyBytes);
  return { payload: text(1000), memo: text(1000), at: Date.now(), key: keyView.getBigInt64(0) };
};

interface Result {
  readonly what: string;
  readonly perSecond: number;
  readonly unit: string;
  readonly latencies?: readonly number[];
}

function quantile(sorted: readonly number[], part: number): string {
  return `${(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1)}`;
}

function print({ what, perSecond, unit, latencies }: Result): void {
  const sorted = [...(latencies ?? [])].sort((a, b) => a - b);
  const times =
    sorted.length === 0
      ? ''
      : `p50 ${quantile(sorted, 0.5)}  p99 ${quantile(sorted, 0.99)}  max ${quantile(sorted, 1)} ms`;
  const rate = Math.round(perSecond).toLocaleString('en');
  process.stdout.write(`${what.padEnd(62)} ${rate.padStart(9)} ${unit.padEnd(9)} ${times}\n`);
}

async function withFile<T>(work: (file: StreamFile, path: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(args.dir, 'streams-bench-'));
  const path = join(directory, 'streams.db');
  const file = openStreamFile(path);
  try {
    return await work(file, path);
  } finally {
    await file.close();
    rmSync(directory, { recursive: true });
  }
}

/** Every caller sends its next batch when the one before was acknowledged. */
async function asFastAsPossible(callers: number, send: () => Promise<unknown>): Promise<readonly number[]> {
  const latencies: number[] = [];
  const end = performance.now() + SECONDS * 1000;
  const caller = async (): Promise<void> => {
    while (performance.now() < end) {
      const start = performance.now();
      await send();
      latencies.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return latencies;
}

/** Sends at the times of a fixed schedule; a late acknowledgement does not slow it down (no coordinated omission). */
async function paced(perSecond: number, send: () => Promise<unknown>): Promise<readonly number[]> {
  const latencies: number[] = [];
  const acks: Promise<void>[] = [];
  const start = performance.now();
  for (let sent = 0; sent < perSecond * SECONDS; ) {
    for (; sent < ((performance.now() - start) * perSecond) / 1000; sent += 1) {
      const due = start + (sent * 1000) / perSecond;
      acks.push(
        send().then(() => {
          latencies.push(performance.now() - due);
        }),
      );
    }
    await sleep(1);
  }
  await Promise.all(acks);
  return latencies;
}

const batchesPerSecond = PACED_EVENTS_PER_SECOND / EVENTS_PER_BATCH;
const oneRecord = (): StreamRecord[] => [record(BATCH_BYTES)];
const recordPerEvent = (): StreamRecord[] =>
  Array.from({ length: EVENTS_PER_BATCH }, () => record(BATCH_BYTES / EVENTS_PER_BATCH));

async function appending(): Promise<void> {
  for (const [shape, batch] of [
    ['one record a batch', oneRecord],
    ['one record an event', recordPerEvent],
  ] as const) {
    await withFile(async (file) => {
      const stream = file.stream('deliveries');
      const latencies = await asFastAsPossible(CALLERS, () => stream.append(batch()));
      const perSecond = (latencies.length * EVENTS_PER_BATCH) / SECONDS;
      print({ what: `append, ${CALLERS} callers, ${shape}`, perSecond, unit: 'events/s', latencies });
    });
    await withFile(async (file) => {
      const stream = file.stream('deliveries');
      const latencies = await paced(batchesPerSecond, () => stream.append(batch()));
      print({ what: `append, paced, ${shape}`, perSecond: PACED_EVENTS_PER_SECOND, unit: 'events/s', latencies });
    });
  }
}

async function trimmingWhileAppending(): Promise<void> {
  for (const [shape, batch] of [
    ['one record a batch', oneRecord],
    ['one record an event', recordPerEvent],
  ] as const) {
    await withFile(async (file, path) => {
      const stream = file.stream('deliveries');
      let dropped = 0;
      // A backlog of 256 MiB, so that trimming has work to do all along.
      while (stream.stats().bytes < 256 * 2 ** 20)
        await Promise.all(Array.from({ length: 8 }, () => stream.append(batch())));
      const kept = stream.stats().rows;
      let over = false;
      const trimming = (async () => {
        while (!over) {
          dropped += await stream.trimTo(stream.stats().lastSeq - kept);
          await sleep(100);
        }
      })();
      const latencies = await paced(batchesPerSecond, () => stream.append(batch()));
      over = true;
      await trimming;
      print({
        what: `append, paced, while trimming, ${shape}`,
        perSecond: PACED_EVENTS_PER_SECOND,
        unit: 'events/s',
        latencies,
      });
      const all = asFastAsPossible(CALLERS, () => stream.append(batch()));
      const start = performance.now();
      const rows = await stream.trimTo(stream.stats().lastSeq);
      const seconds = (performance.now() - start) / 1000;
      const busy = await all;
      print({
        what: `trim all while ${CALLERS} callers append, ${shape}`,
        perSecond: rows / seconds,
        unit: 'rows/s',
        latencies: busy,
      });
      process.stdout.write(
        `    rows dropped ${dropped + rows}, file ${(statSync(path).size / 2 ** 20).toFixed(0)} MiB\n`,
      );
    });
  }
}

/** Four deliveries, then their four hundred requests and the reader's place in a second transaction. */
async function doubleCommit(): Promise<void> {
  await withFile(async (file) => {
    const deliveries = file.stream('deliveries');
    const requests = file.stream('requests');
    const latencies = await asFastAsPossible(1, async () => {
      const seqs = await Promise.all(Array.from({ length: 4 }, () => deliveries.append([record(87_000)])));
      file.transact(() => {
        requests.appendNow(Array.from({ length: 400 }, () => record(870)));
        file.cursors.set('assembler', Math.max(...seqs));
      });
    });
    print({
      what: 'double commit, 4 deliveries and 400 requests',
      perSecond: (latencies.length * 400) / SECONDS,
      unit: 'events/s',
      latencies,
    });
  });
}

async function reading(): Promise<void> {
  for (const [what, bytes, memo, count] of [
    ['read, rows of 90 kB, pages of 8 MiB', 90_000, 0, 4_000],
    ['read, rows of 1 kB, pages of 1000', 1_000, 0, 200_000],
    ['read, rows of 1 kB beside memos of 1 kB, pages of 1000', 1_000, 1_000, 200_000],
  ] as const) {
    await withFile(async (file) => {
      const stream = file.stream('deliveries');
      const one = (): StreamRecord => (memo > 0 ? { ...record(bytes), memo: text(memo) } : record(bytes));
      for (let done = 0; done < count; done += count / 40) stream.appendNow(Array.from({ length: count / 40 }, one));
      const latencies: number[] = [];
      const start = performance.now();
      for (let after = 0; after < count; ) {
        const before = performance.now();
        after = stream.read(after, { rows: 1000, bytes: 8 * 2 ** 20 }).at(-1)?.seq ?? count;
        latencies.push(performance.now() - before);
        await nextTurn();
      }
      print({ what, perSecond: (count / (performance.now() - start)) * 1000, unit: 'rows/s', latencies });
    });
  }
}

async function keyed(): Promise<void> {
  await withFile(async (file, path) => {
    const requests = file.stream('requests');
    const fillStart = performance.now();
    while (requests.stats().rows < KEYED_ROWS) {
      requests.appendNow(Array.from({ length: Math.min(5000, KEYED_ROWS) }, keyedRecord));
      await nextTurn();
    }
    const fillSeconds = (performance.now() - fillStart) / 1000;
    const held = `${(KEYED_ROWS / 1e6).toLocaleString('en')} M keyed rows held`;
    print({ what: `fill to ${held}, 5000 a commit`, perSecond: KEYED_ROWS / fillSeconds, unit: 'rows/s' });

    const step = 100;
    const write = async (): Promise<void> => {
      file.transact(() => {
        requests.appendNow(Array.from({ length: step }, keyedRecord));
        file.cursors.set('assembler', requests.stats().lastSeq);
      });
    };
    const perSecond = PACED_KEYED_ROWS_PER_SECOND;
    print({
      what: `${step} rows a commit, paced, ${held}`,
      perSecond,
      unit: 'rows/s',
      latencies: await paced(perSecond / step, write),
    });

    let dropped = 0;
    const appended = requests.stats().lastSeq;
    let over = false;
    const trimming = (async () => {
      while (!over) {
        dropped += await requests.trimTo(requests.stats().lastSeq - appended);
        await sleep(100);
      }
    })();
    const whileTrimming = await paced(perSecond / step, write);
    over = true;
    await trimming;
    print({
      what: `    while trimming as many (${dropped} rows)`,
      perSecond,
      unit: 'rows/s',
      latencies: whileTrimming,
    });

    const latencies = await asFastAsPossible(1, async () => {
      await write();
      await nextTurn();
    });
    print({
      what: `${step} rows a commit, as fast as possible`,
      perSecond: (latencies.length * step) / SECONDS,
      unit: 'rows/s',
      latencies,
    });

    const keys = Array.from({ length: 20_000 }, () => keyedRecord().key ?? 0n);
    const start = performance.now();
    for (const key of keys) requests.byKey(key);
    print({
      what: 'byKey, absent keys',
      perSecond: (keys.length / (performance.now() - start)) * 1000,
      unit: 'calls/s',
    });
    const before = performance.now();
    for (let call = 0; call < 1000; call += 1) requests.bytesAfter(requests.stats().firstSeq + call);
    process.stdout.write(
      `    bytesAfter and stats ${(performance.now() - before).toFixed(0)} µs a call, file ${(statSync(path).size / 2 ** 20).toFixed(0)} MiB\n`,
    );
  });
}

for (const part of [appending, trimmingWhileAppending, doubleCommit, reading, keyed]) await part();
process.stdout.write(`resident memory at the end ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB\n`);
