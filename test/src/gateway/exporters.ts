import type { OtlpTraces, UsageEvent } from '../recordings/wire.ts';
import type { SimulatedRequest, UsageRecord } from './compose.ts';
import { otlpTraces } from './otlpSpan.ts';
import type { Random } from './random.ts';

/** When an exporter sends what it has collected. */
export interface FlushRule {
  readonly maxRecords: number;
  readonly intervalMs: number;
}

/** As the data plane is built: `object_store` and `otlp_http` every second, `/dp/telemetry` every five. */
export const OBJECT_STORE_FLUSH: FlushRule = { maxRecords: 100, intervalMs: 1_000 };
export const OTLP_FLUSH: FlushRule = { maxRecords: 100, intervalMs: 1_000 };
export const TELEMETRY_FLUSH: FlushRule = { maxRecords: 100, intervalMs: 5_000 };

export interface Batch<Item> {
  /** Epoch milliseconds of the flush. */
  readonly at: number;
  readonly items: readonly Item[];
}

export interface Batcher<Item> {
  /** Adds an item; time must not run backwards. */
  push(at: number, item: Item): void;
  /** Batches that were flushed up to `time`, which closes every interval that ended by then. */
  flushed(time: number): Batch<Item>[];
  /** What is left, as at shutdown. */
  drain(time: number): Batch<Item>[];
}

/** Intervals count from `startedAt`, whether or not anything happens in them. */
export function createBatcher<Item>(rule: FlushRule, startedAt: number): Batcher<Item> {
  let open: Item[] = [];
  let nextFlush = startedAt + rule.intervalMs;
  let done: Batch<Item>[] = [];
  const flush = (at: number) => {
    if (open.length > 0) done.push({ at, items: open });
    open = [];
  };
  const tick = (time: number) => {
    if (time < nextFlush) return;
    flush(nextFlush);
    nextFlush += (Math.floor((time - nextFlush) / rule.intervalMs) + 1) * rule.intervalMs;
  };
  const take = () => {
    const batches = done;
    done = [];
    return batches;
  };
  return {
    push: (at, item) => {
      tick(at);
      open.push(item);
      if (open.length >= rule.maxRecords) flush(at);
    },
    flushed: (time) => {
      tick(time);
      return take();
    },
    drain: (time) => {
      tick(time);
      flush(time);
      return take();
    },
  };
}

/** Trouble on the way, by share of batches. */
export interface Mishaps {
  readonly random: Random;
  /** Sent twice, as after a lost acknowledgement. */
  readonly duplicated?: number;
  /** Never sent. */
  readonly lost?: number;
}

export interface Flushes {
  readonly objects: readonly Batch<UsageEvent>[];
  readonly telemetry: readonly Batch<UsageEvent>[];
  readonly traces: readonly Batch<OtlpTraces>[];
}

/** The three exporters of a data plane side by side: each record goes to all of them, each flushes in its own rhythm. */
export interface Exporters {
  /** Hands over requests, in any order; their records count from the moment at which they are emitted. */
  offer(requests: readonly SimulatedRequest[]): void;
  /** What the exporters send up to `time`. */
  advance(time: number): Flushes;
  /** Requests whose last record is not emitted yet. */
  readonly pendingRecords: number;
  /** Everything left, whatever its time. */
  drain(): Flushes;
}

export function createExporters(startedAt: number, mishaps?: Mishaps): Exporters {
  const objects = createBatcher<UsageEvent>(OBJECT_STORE_FLUSH, startedAt);
  const telemetry = createBatcher<UsageEvent>(TELEMETRY_FLUSH, startedAt);
  const spans = createBatcher<UsageRecord['spans']>(OTLP_FLUSH, startedAt);
  let pending: UsageRecord[] = [];

  const emitUntil = (time: number) => {
    pending.sort((a, b) => a.at - b.at);
    const due = pending.findIndex((record) => record.at > time);
    const ready = due === -1 ? pending : pending.slice(0, due);
    pending = due === -1 ? [] : pending.slice(due);
    for (const { at, event, spans: own } of ready) {
      objects.push(at, event);
      telemetry.push(at, event);
      if (own.length > 0) spans.push(at, own);
    }
  };
  const collect = (take: <Item>(batcher: Batcher<Item>) => Batch<Item>[]): Flushes => ({
    objects: mishap(take(objects), mishaps),
    telemetry: mishap(take(telemetry), mishaps),
    traces: mishap(take(spans), mishaps).map(({ at, items }) => ({ at, items: [otlpTraces(items.flat())] })),
  });

  return {
    offer: (requests) => {
      for (const request of requests) pending.push(...request.records);
    },
    advance: (time) => {
      emitUntil(time);
      return collect((batcher) => batcher.flushed(time));
    },
    get pendingRecords() {
      return pending.length;
    },
    drain: () => {
      const last = pending.reduce((max, record) => Math.max(max, record.at), startedAt);
      emitUntil(last);
      return collect((batcher) => batcher.drain(last));
    },
  };
}

function mishap<Item>(batches: readonly Batch<Item>[], mishaps: Mishaps | undefined): Batch<Item>[] {
  if (mishaps === undefined) return [...batches];
  const { random, lost = 0, duplicated = 0 } = mishaps;
  return batches.flatMap((batch) => {
    if (random.chance(lost)) return [];
    return random.chance(duplicated) ? [batch, batch] : [batch];
  });
}
