import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Delivery,
  decodeUsageEvents,
  runBackfill,
  type UsageReport,
} from '@aisix-observability/collector-exporter';
import { silentLog, silentRecorder } from '@aisix-observability/pipeline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { asArchive, loadEvents, RECORDED_DATA_PLANE, RECORDED_ENVIRONMENT } from '../recordings/index.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'archive-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function backfill(accept: (delivery: Delivery) => Promise<void>, signal?: AbortSignal) {
  return runBackfill({
    dir: join(dir, 'archive'),
    environment: RECORDED_ENVIRONMENT,
    dataPlane: RECORDED_DATA_PLANE,
    accept,
    checkpointFile: join(dir, 'checkpoint.json'),
    now: () => NOW,
    recorder: silentRecorder,
    log: silentLog,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** What makes two reports the same fact. */
function identity(report: UsageReport): string {
  const { requestId, traceId, attemptIndex, attemptKind, statusCode, occurredAt } = report;
  return JSON.stringify([requestId, traceId, attemptIndex, attemptKind, statusCode, occurredAt]);
}

const usage = (deliveries: readonly Delivery[]) => deliveries.flatMap(({ reports }) => reports as UsageReport[]);
const sorted = (reports: readonly UsageReport[]) => reports.map((report) => JSON.stringify(report)).sort();

test.each([
  ['suite', 'gzip', 1104],
  ['suite', 'none', 1104],
  ['story', 'gzip', 13_477],
  ['story-2', 'none', 17_361],
] as const)(
  '%s as an archive (%s): every event, none refused, the same as sent live',
  async (name, compression, count) => {
    const events = loadEvents(name);
    await asArchive(events, join(dir, 'archive', 'aisix', 'prod'), { compression });
    const deliveries: Delivery[] = [];
    const summary = await backfill(async (delivery) => void deliveries.push(delivery));
    expect(summary).toMatchObject({ events: count, refused: 0, problemCount: 0, skippedCount: 0, interrupted: false });
    const live = decodeUsageEvents(events, { input: 'telemetry', recorder: silentRecorder, now: NOW });
    expect(live.reports).toHaveLength(count);
    expect(sorted(usage(deliveries))).toEqual(sorted(live.reports));
    expect(deliveries.every(({ dataPlane }) => dataPlane === RECORDED_DATA_PLANE)).toBe(true);
  },
);

test('a recorded evening, interrupted again and again: every event, each fact once by its identity', async () => {
  const events = loadEvents('story');
  await asArchive(events, join(dir, 'archive'));
  const deliveries: Delivery[] = [];
  let runs = 0;
  for (let interrupted = true; interrupted; runs += 1) {
    const stop = new AbortController();
    const before = deliveries.length;
    const summary = await backfill(async (delivery) => {
      deliveries.push(delivery);
      if (deliveries.length - before === 1 + (runs % 2)) stop.abort();
    }, stop.signal);
    interrupted = summary.interrupted;
    expect(summary.resumed).toBe(runs > 0);
  }
  expect(runs).toBeGreaterThan(4);
  const reports = usage(deliveries);
  const facts = new Map(reports.map((report) => [identity(report), JSON.stringify(report)]));
  const live = decodeUsageEvents(events, { input: 'telemetry', recorder: silentRecorder, now: NOW });
  expect([...facts.values()].sort()).toEqual(sorted([...new Map(live.reports.map((r) => [identity(r), r])).values()]));
  // What was in flight at each interruption may come twice, but no more than that.
  expect(reports.length).toBeLessThan(events.length * 1.2);
});

test('run a second time, it gives the same facts', async () => {
  const events = loadEvents('suite');
  await asArchive(events, join(dir, 'archive'));
  const first: Delivery[] = [];
  const second: Delivery[] = [];
  await backfill(async (delivery) => void first.push(delivery));
  await backfill(async (delivery) => void second.push(delivery));
  expect(sorted(usage(second))).toEqual(sorted(usage(first)));
});
