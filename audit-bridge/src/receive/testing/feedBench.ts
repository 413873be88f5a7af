import type { Labels, LogLevel, Recorder } from '@aisix-observability/pipeline';
import { vi } from 'vitest';
import type { ChangeObservation, Observation, Observe } from '../../model/observation.ts';
import { createKeyedHash } from '../../redact/keyedHash.ts';
import { createRedactor } from '../../redact/redactor.ts';

/** What a feed is given in tests, and what it did with it. `observe` behaves as the ledger promises. */
export function createFeedBench(clock: number) {
  const stored = new Map<string, Observation>();
  const lines: { readonly level: LogLevel; readonly message: string; readonly fields: unknown }[] = [];
  const counts: { readonly name: string; readonly value: number; readonly labels: Labels }[] = [];
  const recorder: Recorder = {
    count: (name, value, labels = {}) => void counts.push({ name, value, labels }),
    gauge() {},
    observe() {},
  };
  const remember: Observe = async (observations) => {
    await bench.hold;
    if (bench.failure !== undefined) throw bench.failure;
    const conflicts: string[] = [];
    let repeated = 0;
    for (const one of observations) {
      const known = stored.get(one.observationId);
      if (known === undefined) stored.set(one.observationId, one);
      else if (hashOf(known) === hashOf(one)) repeated += 1;
      else conflicts.push(one.observationId);
    }
    return { stored: observations.length - repeated - conflicts.length, repeated, conflicts };
  };
  const bench = {
    clock,
    now: () => bench.clock,
    /** Thrown by `observe` while set. */
    failure: undefined as Error | undefined,
    /** Awaited by `observe` while set. */
    hold: undefined as Promise<void> | undefined,
    observe: vi.fn(remember),
    redactor: createRedactor({ hash: createKeyedHash('key of this test') }),
    environmentOf: (idOrName: string): string | undefined => ENVIRONMENTS[idOrName],
    recorder,
    log: (level: LogLevel, message: string, fields?: unknown) => void lines.push({ level, message, fields }),
    lines,
    stored,
    changes: () => [...stored.values()].filter((one): one is ChangeObservation => one.type === 'change'),
    sum: (name: string, labels: Labels = {}) =>
      counts
        .filter((one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value))
        .reduce((total, { value }) => total + value, 0),
    /** Everything that the feed let out. */
    everything: () => JSON.stringify([[...stored.values()], lines, counts]),
  };
  return bench;
}

export type FeedBench = ReturnType<typeof createFeedBench>;

const ENVIRONMENTS: Readonly<Record<string, string>> = {
  prod: 'env-prod',
  'env-prod': 'env-prod',
  staging: 'env-staging',
  'env-staging': 'env-staging',
  lab: 'lab',
};

function hashOf(observation: Observation): string | undefined {
  return observation.type === 'change' ? observation.contentHash : undefined;
}
