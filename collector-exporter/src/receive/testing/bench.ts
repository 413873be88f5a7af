import type { LogLevel } from '@aisix-observability/pipeline';
import type { RefusedRecord } from '../../decode/refused.ts';
import { type Counter, createCounter } from '../../decode/testing/counter.ts';
import type { AttemptReport, Delivery } from '../../report.ts';
import type { ReceiverDeps } from '../receiver.ts';

/** What a receiver is given in tests, and what it did with it. */
export interface Bench extends ReceiverDeps {
  readonly recorder: Counter;
  readonly deliveries: Delivery[];
  readonly lines: { readonly level: LogLevel; readonly message: string; readonly fields: unknown }[];
  readonly records: RefusedRecord[];
  /** Thrown by `accept` while set. */
  failure: Error | undefined;
  /** Awaited by `accept` while set. */
  hold: Promise<void> | undefined;
  clock: number;
  reports(): AttemptReport[];
}

export function createBench(clock: number): Bench {
  const bench: Bench = {
    recorder: createCounter(),
    deliveries: [],
    lines: [],
    records: [],
    failure: undefined,
    hold: undefined,
    clock,
    now: () => bench.clock,
    log: (level, message, fields) => void bench.lines.push({ level, message, fields }),
    keepRefused: (record) => void bench.records.push(record),
    async accept(delivery) {
      await bench.hold;
      if (bench.failure !== undefined) throw bench.failure;
      bench.deliveries.push(delivery);
    },
    reports: () => bench.deliveries.flatMap(({ reports }) => reports),
  };
  return bench;
}
