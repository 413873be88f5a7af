import {
  objectStoreReceiver,
  otlpReceiver,
  type ReceiverDeps,
  type ReceiverEnv,
  telemetryReceiver,
} from '@aisix-observability/collector-exporter';
import type { Hono } from 'hono';
import type { Config } from '../config/config.ts';

/** The apps of the configured inputs, in the order in which they are asked: the bucket's answers every path. */
export function createReceivers(config: Config, deps: ReceiverDeps): readonly Hono<ReceiverEnv>[] {
  const { objectStore, otlp, telemetry } = config.inputs;
  const environmentOf = (word: string) => config.environments.find(({ id, name }) => id === word || name === word)?.id;
  return [
    ...(otlp === undefined ? [] : [otlpReceiver({ ...deps, ...otlp })]),
    ...(telemetry === undefined ? [] : [telemetryReceiver({ ...deps, ...telemetry, environmentOf })]),
    ...(objectStore === undefined ? [] : [objectStoreReceiver({ ...deps, ...objectStore })]),
  ];
}
