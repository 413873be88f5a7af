import type { Delivery } from '@aisix-observability/collector-exporter';
import { describe, expect, it } from 'vitest';
import { createClockOffsets } from './clockOffsets.ts';

const AT = 1_795_415_437_000;

function delivery(over: Partial<Delivery>, ...delays: number[]): Delivery {
  const receivedAt = over.receivedAt ?? AT;
  return {
    input: 'telemetry',
    environment: 'prod',
    receivedAt,
    reports: delays.map((delay, index) => ({
      feed: 'usage',
      requestId: `r-${index}`,
      occurredAt: receivedAt - delay,
      attemptIndex: 0,
      statusCode: 200,
      upstreamLatencyMs: 1,
    })),
    ...over,
  };
}

describe('clock offsets', () => {
  it('are the smallest delay of each sender, below 0 for a clock that is ahead', () => {
    const clocks = createClockOffsets();
    clocks.watch(delivery({ dataPlane: 'dp-1' }, 900, 400, 1500));
    clocks.watch(delivery({ dataPlane: 'dp-1' }, 700));
    clocks.watch(delivery({ dataPlane: 'dp-2' }, 100, -60_000));
    expect(clocks.offsets()).toEqual([
      { environment: 'prod', dataPlane: 'dp-1', input: 'telemetry', millis: 400 },
      { environment: 'prod', dataPlane: 'dp-2', input: 'telemetry', millis: -60_000 },
    ]);
  });

  it('are forgotten after two windows, so that a clock that was put right looks right', () => {
    const clocks = createClockOffsets();
    clocks.watch(delivery({}, -60_000));
    clocks.watch(delivery({ receivedAt: AT + 301_000 }, 500));
    expect(clocks.offsets()[0]?.millis).toBe(-60_000);
    clocks.watch(delivery({ receivedAt: AT + 602_000 }, 600));
    expect(clocks.offsets()[0]?.millis).toBe(500);
  });

  it('are not read from archives and buckets, which are old on purpose, nor from nothing', () => {
    const clocks = createClockOffsets();
    clocks.watch(delivery({ input: 'archive' }, 86_400_000));
    clocks.watch(delivery({ input: 'follow_bucket' }, 60_000));
    clocks.watch(delivery({}));
    expect(clocks.offsets()).toEqual([]);
  });

  it('have a bounded number of senders', () => {
    const clocks = createClockOffsets();
    for (let index = 0; index < 400; index += 1) clocks.watch(delivery({ dataPlane: `dp-${index}` }, 400 - index));
    expect(clocks.offsets()).toHaveLength(257);
    expect(clocks.offsets().at(-1)).toEqual({ environment: 'other', dataPlane: 'other', input: 'other', millis: 1 });
  });
});
