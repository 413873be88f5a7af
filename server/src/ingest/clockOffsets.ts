import type { Delivery, InputName } from '@aisix-observability/collector-exporter';

/** Live feeds only: the age of an archived event or of an object in a bucket says nothing about clocks. */
const LIVE: ReadonlySet<InputName> = new Set<InputName>(['object_store', 'otlp', 'telemetry']);

/** A minimum is kept this long, so that a clock that was put right does not look wrong for ever. */
const WINDOW_MILLIS = 5 * 60_000;

/** Senders that get a label of their own; the rest share `other`. A fleet larger than that is watched elsewhere. */
const MAX_SENDERS = 256;

export interface ClockOffset {
  readonly environment: string;
  /** Empty when the input does not say which data plane it was. */
  readonly dataPlane: string;
  readonly input: string;
  /** min(received − occurred). Below 0 the sender's clock is ahead of ours. */
  readonly millis: number;
}

interface Sender {
  readonly environment: string;
  readonly dataPlane: string;
  readonly input: string;
  /** Start of the present window. */
  since: number;
  present: number;
  previous: number;
}

/**
 * Watches how far the clocks of senders are off: the smallest delay ever seen is the offset plus the shortest way.
 * Usage events carry truncated seconds and are sent every second, so up to 2 s mean nothing.
 */
export interface ClockOffsets {
  watch(delivery: Delivery): void;
  /** Smallest of the present and the previous window, by sender. */
  offsets(): readonly ClockOffset[];
}

export function createClockOffsets(): ClockOffsets {
  const senders = new Map<string, Sender>();
  return {
    watch({ input, environment, dataPlane = '', receivedAt, reports }) {
      if (!LIVE.has(input)) return;
      let smallest = Number.POSITIVE_INFINITY;
      for (const report of reports) {
        const occurred = report.feed === 'usage' ? report.occurredAt : report.endTime;
        smallest = Math.min(smallest, receivedAt - occurred);
      }
      if (!Number.isFinite(smallest)) return;
      const key = `${input}\n${environment}\n${dataPlane}`;
      let sender = senders.get(key);
      if (sender === undefined) {
        const known = senders.size < MAX_SENDERS;
        const shared = 'other';
        sender = (known ? undefined : senders.get(shared)) ?? {
          ...(known ? { environment, dataPlane, input } : { environment: shared, dataPlane: shared, input: shared }),
          since: receivedAt,
          present: Number.POSITIVE_INFINITY,
          previous: Number.POSITIVE_INFINITY,
        };
        senders.set(known ? key : shared, sender);
      }
      if (receivedAt - sender.since >= WINDOW_MILLIS) {
        sender.previous = sender.present;
        sender.present = Number.POSITIVE_INFINITY;
        sender.since = receivedAt;
      }
      sender.present = Math.min(sender.present, smallest);
    },
    offsets: () =>
      [...senders.values()].map(({ environment, dataPlane, input, present, previous }) => ({
        environment,
        dataPlane,
        input,
        millis: Math.min(present, previous),
      })),
  };
}
