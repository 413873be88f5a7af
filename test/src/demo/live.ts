import { setTimeout as delay } from 'node:timers/promises';
import { createExporters } from '../gateway/exporters.ts';
import type { Fault } from '../gateway/faults.ts';
import { sendAsObjectStore, sendAsOtlp } from '../gateway/senders.ts';
import { createGatewaySimulator } from '../gateway/simulator.ts';
import { LIVE_MODELS } from './liveModels.ts';
import type { ReplayTargets } from './replay.ts';

export interface LiveOptions {
  readonly targets: ReplayTargets;
  readonly ratePerSecond: number;
  readonly seed: number;
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly onDelivered: () => void;
  readonly onRefused: () => void;
}

/** How often the exporters are looked at; they flush every second. */
const STEP_MS = 100;

/** One bad half minute in every two, each time another: short enough to see one begin and end while watching. */
function plannedFaults(start: number): Fault[] {
  const minutes = (from: number, to: number) => ({ from: start + from * 60_000, to: start + to * 60_000 });
  return Array.from({ length: 60 }, (_, round): Fault[] => {
    const at = round * 10;
    return [
      { ...minutes(at + 0.5, at + 1), kind: 'provider_outage', provider: 'mistral-prod' },
      { ...minutes(at + 2.5, at + 3), kind: 'wrong_secret', provider: 'openai-prod' },
      { ...minutes(at + 4.5, at + 5), kind: 'rate_limit', key: 'team-batch', share: 0.8 },
      { ...minutes(at + 6.5, at + 7), kind: 'slow', provider: 'openai-prod', factor: 4 },
      { ...minutes(at + 8.5, at + 9), kind: 'guardrail', share: 0.3 },
    ];
  }).flat();
}

/** Simulated traffic in real time, sent as two exporters of one data plane send it, until the signal. */
export async function runLive(options: LiveOptions): Promise<void> {
  const { targets, now, signal, onDelivered, onRefused } = options;
  const start = now();
  const simulator = createGatewaySimulator({
    seed: options.seed,
    ratePerSecond: options.ratePerSecond,
    now: () => start,
    models: LIVE_MODELS,
    faults: plannedFaults(start),
  });
  const exporters = createExporters(start);
  const underWay = new Set<Promise<void>>();
  const track = (sending: Promise<{ acked: boolean }>) => {
    const tracked: Promise<void> = sending
      .then(({ acked }) => {
        if (acked) onDelivered();
        else if (!signal.aborted) onRefused();
      })
      .finally(() => underWay.delete(tracked));
    underWay.add(tracked);
  };

  while (!signal.aborted) {
    const time = now();
    exporters.offer(simulator.until(time));
    const { objects, traces } = exporters.advance(time);
    for (const { items } of objects) track(sendAsObjectStore(items, targets.objectStore));
    for (const { items } of traces) for (const item of items) track(sendAsOtlp(item, targets.otlp));
    await delay(STEP_MS, undefined, { signal }).catch(() => undefined);
  }
  await Promise.all(underWay);
}
