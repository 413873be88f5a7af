import type { Delivery } from '@aisix-observability/collector-exporter';

/** What came by one input since the start of the server. */
export interface InputStatus {
  readonly input: string;
  readonly deliveries: number;
  readonly events: number;
  /** Epoch milliseconds. */
  readonly lastReceivedAt: number;
}

export interface InputTally {
  add(delivery: Delivery): void;
  inputs(): readonly InputStatus[];
}

export function createInputTally(): InputTally {
  const byInput = new Map<string, InputStatus>();
  return {
    add({ input, reports, receivedAt }) {
      const before = byInput.get(input);
      byInput.set(input, {
        input,
        deliveries: (before?.deliveries ?? 0) + 1,
        events: (before?.events ?? 0) + reports.length,
        lastReceivedAt: Math.max(before?.lastReceivedAt ?? 0, receivedAt),
      });
    },
    inputs: () => [...byInput.values()],
  };
}
