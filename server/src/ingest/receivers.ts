import type { Accept } from '@aisix-observability/collector-exporter';
import type { Log, Recorder } from '@aisix-observability/pipeline';
import type { Hono } from 'hono';
import type { Config } from '../config/config.ts';

export interface ReceiverDeps {
  readonly accept: Accept;
  readonly recorder: Recorder;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** The apps of the configured inputs, in the order in which they are asked: the bucket's app takes every path. */
export function createReceivers(_config: Config, _deps: ReceiverDeps): readonly Hono[] {
  return [];
}
