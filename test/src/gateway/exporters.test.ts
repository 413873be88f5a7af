import { describe, expect, it } from 'vitest';
import { createBatcher, createExporters, type Flushes } from './exporters.ts';
import { createRandom } from './random.ts';
import { createGatewaySimulator } from './simulator.ts';

const NOW = 1_800_000_000_000;

describe('createBatcher', () => {
  it('flushes at the size limit at once, and whatever is there at each interval', () => {
    const batcher = createBatcher<number>({ maxRecords: 3, intervalMs: 1_000 }, NOW);
    for (let i = 0; i < 4; i++) batcher.push(NOW + 100 + i, i);
    batcher.push(NOW + 2_500, 4);
    expect(batcher.flushed(NOW + 2_600)).toEqual([
      { at: NOW + 102, items: [0, 1, 2] },
      { at: NOW + 1_000, items: [3] },
    ]);
    expect(batcher.flushed(NOW + 2_999)).toEqual([]);
    expect(batcher.flushed(NOW + 3_000)).toEqual([{ at: NOW + 3_000, items: [4] }]);
    batcher.push(NOW + 3_001, 5);
    expect(batcher.drain(NOW + 3_002)).toEqual([{ at: NOW + 3_002, items: [5] }]);
  });
});

const events = (flushes: Flushes[], sink: 'objects' | 'telemetry') =>
  flushes.flatMap((flush) => flush[sink].flatMap((batch) => batch.items));

describe('createExporters', () => {
  const run = (mishaps?: { duplicated?: number; lost?: number }) => {
    const simulator = createGatewaySimulator({ seed: 4, ratePerSecond: 30, now: () => NOW });
    const exporters = createExporters(NOW, mishaps && { random: createRandom(9), ...mishaps });
    const requests = simulator.until(NOW + 20_000);
    const flushes: Flushes[] = [];
    for (let time = NOW; time <= NOW + 20_000; time += 250) {
      exporters.offer(requests.filter(({ truth }) => truth.start >= time && truth.start < time + 250));
      flushes.push(exporters.advance(time + 250));
    }
    flushes.push(exporters.drain());
    expect(exporters.pendingRecords).toBe(0);
    return { flushes, records: requests.flatMap((request) => request.records) };
  };

  it('sends every record once to every sink, in the order of emission', () => {
    const { flushes, records } = run();
    const emitted = records.toSorted((a, b) => a.at - b.at).map((record) => record.event);
    expect(events(flushes, 'objects')).toEqual(emitted);
    expect(events(flushes, 'telemetry')).toEqual(emitted);
    const spans = flushes
      .flatMap((flush) => flush.traces.flatMap((batch) => batch.items))
      .flatMap((traces) => traces.resourceSpans[0]?.scopeSpans[0]?.spans ?? []);
    expect(new Set(spans.map((span) => span.spanId)).size).toBe(spans.length);
    expect(spans.length).toBe(records.flatMap((record) => record.spans).length);
  });

  it('keeps each record at most one interval', () => {
    const { flushes, records } = run();
    const flushedAt = new Map(
      flushes.flatMap((flush) => flush.objects.flatMap(({ at, items }) => items.map((event) => [event, at] as const))),
    );
    for (const { at, event } of records.filter((record) => record.at < NOW + 20_000)) {
      const waited = (flushedAt.get(event) ?? Number.POSITIVE_INFINITY) - at;
      expect(waited).toBeGreaterThanOrEqual(0);
      expect(waited).toBeLessThanOrEqual(1_000);
    }
  });

  it('duplicates and loses batches on request', () => {
    const all = events(run().flushes, 'objects').length;
    expect(events(run({ duplicated: 0.5 }).flushes, 'objects').length).toBeGreaterThan(all * 1.2);
    expect(events(run({ lost: 0.5 }).flushes, 'objects').length).toBeLessThan(all * 0.8);
  });
});
