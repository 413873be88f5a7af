import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { StreamFullError, silentLog, silentRecorder } from '@aisix-observability/pipeline';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Delivery } from '../report.ts';
import { type BackfillOptions, runBackfill } from './archiveBackfill.ts';
import type { BackfillProgress } from './archiveProgress.ts';
import { MAX_EVENTS_PER_DELIVERY, readArchive } from './archiveRead.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
let dir: string;
let checkpointFile: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'archive-backfill-'));
  checkpointFile = `${dir}.checkpoint`;
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
  rmSync(checkpointFile, { force: true });
});

const line = (id: string, message = '') =>
  `{"schema_version":"1.0","request_id":"${id}","occurred_at":"2026-11-23T06:00:00Z","attempt_index":0,"status_code":200,"upstream_latency_ms":5,"error_message":"${message}"}\n`;

function put(path: string, bytes: string | Uint8Array): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), bytes);
}

/** Files of some hundred events in two partitions, plain and gzip; resolves to all request ids. */
function fill(files = 12, events = 120): string[] {
  const ids: string[] = [];
  for (let file = 0; file < files; file += 1) {
    const own = Array.from({ length: events }, (_, n) => `r-${file}-${n}`);
    ids.push(...own);
    const text = own.map((id) => line(id)).join('');
    const path = `dt=2026-11-23/hh=0${file % 2}/${file}.ndjson`;
    if (file % 3 === 0) put(path, text);
    else put(`${path}.gz`, gzipSync(text));
  }
  return ids;
}

function sink() {
  const deliveries: Delivery[] = [];
  return {
    deliveries,
    accept: async (delivery: Delivery) => void deliveries.push(delivery),
    ids: () => deliveries.flatMap((delivery) => delivery.reports.map((report) => report.requestId)),
  };
}

function run(given: Partial<BackfillOptions> & Pick<BackfillOptions, 'accept'>) {
  return runBackfill({
    dir,
    environment: 'prod',
    checkpointFile,
    now: () => NOW,
    recorder: silentRecorder,
    log: silentLog,
    ...given,
  });
}

test('every event arrives once, with environment and data plane, and nothing is left behind', async () => {
  const ids = fill();
  put('dt=2026-11-23/hh=00/empty.ndjson', '');
  put('dt=2026-11-23/hh=00/empty.ndjson.gz', '');
  put('dt=2026-11-23/hh=00/blank.ndjson.gz', gzipSync('\n\n'));
  const { accept, deliveries, ids: arrived } = sink();
  const shown: BackfillProgress[] = [];
  const summary = await run({ accept, dataPlane: 'dp-1', onProgress: (progress) => void shown.push(progress) });
  expect(arrived().sort()).toEqual(ids.sort());
  expect(deliveries[0]).toMatchObject({ input: 'archive', environment: 'prod', dataPlane: 'dp-1', receivedAt: NOW });
  expect(summary).toMatchObject({ files: 15, filesTotal: 15, events: ids.length, refused: 0, problemCount: 0 });
  expect(summary).toMatchObject({ resumed: false, interrupted: false });
  expect(summary.bytes).toBe(summary.bytesTotal);
  expect(shown.at(-1)).toMatchObject({ files: 15, events: ids.length });
  expect(existsSync(checkpointFile)).toBe(false);
});

test('interrupted anywhere, again and again, it goes on: nothing is missing, and only what was in flight comes twice', async () => {
  const ids = fill(6, 2500);
  let repeated = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 4 }), async (stops) => {
      rmSync(checkpointFile, { force: true });
      const { accept, ids: arrived } = sink();
      for (const after of stops) {
        const stop = new AbortController();
        let calls = 0;
        const summary = await run({
          signal: stop.signal,
          accept: async (delivery) => {
            calls += 1;
            if (calls === after) stop.abort();
            await new Promise((resolve) => setImmediate(resolve));
            await accept(delivery);
          },
        });
        expect(summary.interrupted).toBe(stop.signal.aborted);
        expect(existsSync(checkpointFile)).toBe(stop.signal.aborted);
      }
      const last = await run({ accept });
      expect([last.files, last.bytes]).toEqual([last.filesTotal, last.bytesTotal]);
      expect(new Set(arrived())).toEqual(new Set(ids));
      repeated = Math.max(repeated, arrived().length / ids.length);
    }),
    { numRuns: 15 },
  );
  // A run that always starts anew would repeat nearly everything of every run before.
  expect(repeated).toBeLessThan(2.1);
});

test('after a crash it goes on from the last checkpoint, also inside a file', async () => {
  const own = Array.from({ length: 20_000 }, (_, n) => `r-${n}`);
  put('dt=2026-11-23/hh=06/large.ndjson.gz', gzipSync(own.map((id) => line(id)).join('')));
  const stop = new AbortController();
  const first = sink();
  await run({
    signal: stop.signal,
    accept: async (delivery) => {
      await first.accept(delivery);
      if (first.deliveries.length === 12) stop.abort();
    },
  });
  const { files } = JSON.parse(readFileSync(checkpointFile, 'utf8'));
  expect(files['dt=2026-11-23/hh=06/large.ndjson.gz'].lines).toBeGreaterThanOrEqual(11_000);
  const second = sink();
  const summary = await run({ accept: second.accept });
  expect(summary).toMatchObject({ resumed: true, events: own.length - first.ids().length });
  expect([...first.ids(), ...second.ids()]).toEqual(own);
});

test('of a torn gzip the lines before the tear are kept; it and a broken one are named, the rest goes on', async () => {
  const text = Array.from({ length: 3000 }, (_, n) => line(`torn-${n}-${(n * 7919) % 4001}`)).join('');
  put('dt=2026-11-23/hh=06/torn.ndjson.gz', gzipSync(text));
  truncateSync(join(dir, 'dt=2026-11-23/hh=06/torn.ndjson.gz'), gzipSync(text).length >> 1);
  put('dt=2026-11-23/hh=06/broken.ndjson.gz', 'this is no gzip');
  put('dt=2026-11-23/hh=07/good.ndjson', line('good'));
  const counted: string[] = [];
  const { accept, ids } = sink();
  const recorder = { ...silentRecorder, count: (name: string) => void counted.push(name) };
  const summary = await run({ accept, recorder });
  expect(summary.problems.toSorted((a, b) => a.path.localeCompare(b.path))).toEqual([
    { path: 'dt=2026-11-23/hh=06/broken.ndjson.gz', code: 'bad_gzip' },
    { path: 'dt=2026-11-23/hh=06/torn.ndjson.gz', code: 'torn_gzip' },
  ]);
  expect(summary).toMatchObject({ problemCount: 2, refused: 0, files: 3, interrupted: false });
  expect(counted.filter((name) => name === 'aisix_archive_files_damaged')).toHaveLength(2);
  const torn = ids().filter((id) => id.startsWith('torn-'));
  expect(torn.length).toBeGreaterThan(1000);
  expect(torn.every((id, n) => id.startsWith(`torn-${n}-`))).toBe(true);
  expect(ids()).toContain('good');
});

test('refused lines are named by file and number, also one that is too long to be held', async () => {
  const many = Array.from({ length: MAX_EVENTS_PER_DELIVERY + 5 }, (_, n) => line(`m-${n}`)).join('');
  put('x.ndjson', `${many}not json\n${line('after')}`);
  put('y.ndjson.gz', gzipSync(`${line('before')}${'x'.repeat(17 << 20)}\n{"request_id":"no time"}\n${line('end')}`));
  const { accept, ids } = sink();
  const summary = await run({ accept });
  expect(summary.refused).toBe(3);
  const refused = summary.refusedLines.toSorted((a, b) => a.path.localeCompare(b.path) || a.line - b.line);
  expect(refused.map(({ path, line, code }) => [path, line, code])).toEqual([
    ['x.ndjson', MAX_EVENTS_PER_DELIVERY + 6, 'invalid_json'],
    ['y.ndjson.gz', 2, 'line_too_long'],
    ['y.ndjson.gz', 3, 'invalid_request_id'],
  ]);
  expect(ids()).toEqual(expect.arrayContaining(['after', 'before', 'end']));
});

test('a file that no gateway wrote is given up after so many bad lines, and does not hold up the rest', async () => {
  put('bad.ndjson.gz', gzipSync('x\n'.repeat(30_000_000)));
  put('good.ndjson', `${'bad\n'.repeat(5000)}${line('good')}`);
  const { accept, ids } = sink();
  const summary = await run({ accept });
  expect(summary.problems).toEqual([{ path: 'bad.ndjson.gz', code: 'too_many_refusals' }]);
  expect(summary.refused).toBeLessThan(5000 + 10_000 + 20_000);
  expect(ids()).toEqual(['good']);
});

test('a full stream is waited for; any other failure of storing ends the run with a checkpoint', async () => {
  const ids = fill(4, 50);
  const { accept, ids: arrived } = sink();
  let full = 3;
  await run({
    wait: async () => {},
    accept: async (delivery) => {
      full -= 1;
      if (full >= 0) throw new StreamFullError('deliveries', 1, 1);
      await accept(delivery);
    },
  });
  expect(arrived().sort()).toEqual(ids.sort());
  const closed = new Error('closed');
  await expect(run({ accept: () => Promise.reject(closed) })).rejects.toBe(closed);
  expect(existsSync(checkpointFile)).toBe(true);
  expect((await run({ accept })).resumed).toBe(true);
});

test('stopped before it began or while the stream is full, it ends at once; a checkpoint stays as it was', async () => {
  fill(4, 50);
  writeFileSync(checkpointFile, 'earlier');
  const { accept } = sink();
  const summary = await run({ accept, signal: AbortSignal.abort() });
  expect([summary.interrupted, readFileSync(checkpointFile, 'utf8')]).toEqual([true, 'earlier']);
  const stop = new AbortController();
  const full = async () => {
    setImmediate(() => stop.abort());
    throw new StreamFullError('deliveries', 1, 60);
  };
  expect(await run({ accept: full, signal: stop.signal })).toMatchObject({ interrupted: true, events: 0 });
});

test('memory stays flat however large a file is', async () => {
  const text = Array.from({ length: 1000 }, (_, n) => line(`r-${n}`, 'no '.repeat(170))).join('');
  const member = gzipSync(text);
  put('large.ndjson.gz', Buffer.concat(Array.from({ length: 180 }, () => member)));
  put('large.ndjson', text.repeat(20));
  let events = 0;
  let lines = 0;
  let peak = 0;
  const before = process.memoryUsage();
  for await (const batch of readArchive(dir)) {
    lines += batch.lines;
    const { arrayBuffers } = process.memoryUsage();
    peak = Math.max(peak, arrayBuffers - before.arrayBuffers);
  }
  expect(lines).toBe(200_000);
  await run({
    accept: async (delivery) => {
      events += delivery.reports.length;
      peak = Math.max(peak, process.memoryUsage().arrayBuffers - before.arrayBuffers);
    },
  });
  expect(events).toBe(200_000);
  // 130 MB of text went through; at most some batches of it are ever held.
  expect(peak).toBeLessThan(100e6);
});
