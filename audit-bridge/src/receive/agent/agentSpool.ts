import { type Recorder, type StreamFile, StreamFullError } from '@aisix-observability/pipeline';
import { toAgent } from '../../adapt/agentBatch.ts';
import type { Observe } from '../../model/observation.ts';
import { AGENT_METRICS } from '../watch/watchMetrics.ts';

/** Observations that an agent keeps until its server has them. */
export interface AgentSpool {
  /** Durable when it resolves. Rejects while the spool is full or its disk fails: then the watchers wait. */
  readonly observe: Observe;
  /** The oldest that wait, as JSON texts, at most so many and about so many bytes, at least one if there is any. */
  next(limit: { readonly rows: number; readonly bytes: number }): SpoolBatch;
  /** These need not be kept any longer. */
  done(batch: SpoolBatch): Promise<void>;
  /** Called when something was put in. */
  onFilled(listener: () => void): void;
}

export interface SpoolBatch {
  /** Positions of the first and the last one; both 0 for an empty batch. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly payloads: readonly string[];
  /** How many wait after them. */
  readonly backlog: number;
}

const STREAM = 'observations';

/** Some hundred thousand observations: weeks without a server, for most. */
export const DEFAULT_SPOOL_BYTES = 256 * 1024 * 1024;

export function createAgentSpool(file: StreamFile, recorder: Recorder, maxBytes = DEFAULT_SPOOL_BYTES): AgentSpool {
  const stream = file.stream(STREAM, { maxBytes });
  let filled: () => void = () => {};
  return {
    async observe(observations) {
      try {
        await stream.append(observations.map((one) => ({ payload: JSON.stringify(toAgent(one)), at: one.observedAt })));
      } catch (error) {
        recorder.count(AGENT_METRICS.spoolRefused, observations.length, {
          reason: error instanceof StreamFullError ? 'spool_full' : 'disk',
        });
        throw error;
      }
      recorder.gauge(AGENT_METRICS.spoolBytes, stream.stats().bytes);
      filled();
      return { stored: observations.length, repeated: 0, conflicts: [] };
    },
    next(limit) {
      const rows = stream.read(0, limit);
      const firstSeq = rows[0]?.seq ?? 0;
      const lastSeq = rows.at(-1)?.seq ?? 0;
      return {
        firstSeq,
        lastSeq,
        payloads: rows.map(({ payload }) => payload),
        backlog: Math.max(0, stream.stats().rows - rows.length),
      };
    },
    async done({ lastSeq }) {
      if (lastSeq > 0) await stream.trimTo(lastSeq);
      recorder.gauge(AGENT_METRICS.spoolBytes, stream.stats().bytes);
    },
    onFilled(listener) {
      filled = listener;
    },
  };
}
