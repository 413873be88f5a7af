import { createHash } from 'node:crypto';
import { type Clock, type Log, type Recorder, retryAfterMillis } from '@aisix-observability/pipeline';
import { Webhook } from 'standardwebhooks';
import { MAX_BATCH_OBSERVATIONS } from '../../adapt/agentBatch.ts';
import { createLookLoop, retryPause } from '../watch/lookLoop.ts';
import { AGENT_METRICS } from '../watch/watchMetrics.ts';
import type { AgentSpool, SpoolBatch } from './agentSpool.ts';

export interface AgentSenderOptions {
  readonly spool: AgentSpool;
  readonly dataPlane: string;
  /** `whsec_…` */
  readonly secret: string;
  /** Posts to the server's agent route. Must not reject. */
  readonly post: (body: Uint8Array, headers: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<Posted>;
  readonly clock: Clock;
  readonly log: Log;
  readonly recorder: Recorder;
  /** So often an agent says that it is there. Default 30 s. */
  readonly heartbeatMillis?: number;
}

/** What came of a post: an HTTP status, or the system's word for why there is none. */
export type Posted =
  | { readonly status: number; readonly body: string; readonly retryAfter?: string | undefined }
  | { readonly failed: string };

export interface AgentSender {
  start(): void;
  /** Sends what waits until nothing waits or a post fails. Never rejects. */
  flush(): Promise<void>;
  health(): AgentSenderHealth;
  close(): Promise<void>;
}

export interface AgentSenderHealth {
  /** Code or status of what went wrong with the last post. */
  readonly fault?: string;
  /** Epoch milliseconds of the last post that was taken. */
  readonly deliveredAt?: number;
  /** Observations that the server refused for good, or that are too large to send. */
  readonly refused: number;
}

/** Far below what the receiver takes, so that observations of unusual size still fit. */
const BATCH_BYTES = 1024 * 1024;
const HEARTBEAT_MILLIS = 30_000;
const RETRY = { firstMillis: 500, maxMillis: 30_000 };

/**
 * Posts what an agent spooled, oldest first, signed anew for each try. Nothing leaves the spool before the server said
 * that it has it; what it refuses for good is counted and left out, so that it does not hold up the rest.
 */
export function createAgentSender(options: AgentSenderOptions): AgentSender {
  const { spool, dataPlane, clock, log, recorder } = options;
  const webhook = new Webhook(options.secret);
  const heartbeatMillis = options.heartbeatMillis ?? HEARTBEAT_MILLIS;
  const stop = new AbortController();
  /** Smaller after the receiver found a batch too large. */
  let rows = MAX_BATCH_OBSERVATIONS;
  let failures = 0;
  let fault: string | undefined;
  let askedPause: number | undefined;
  let deliveredAt: number | undefined;
  let refused = 0;
  const loop = createLookLoop({ clock, look: sendAll, pauseMillis });
  let isStarted = false;
  spool.onFilled(() => {
    if (failures === 0 && isStarted) loop.run();
  });

  function pauseMillis(): number {
    if (failures === 0) return heartbeatMillis;
    return Math.max(askedPause ?? 0, retryPause(failures, RETRY));
  }

  async function sendAll(): Promise<void> {
    let batch = spool.next({ rows, bytes: BATCH_BYTES });
    const isDue = deliveredAt === undefined || clock.now() - deliveredAt >= heartbeatMillis;
    if (batch.payloads.length === 0 && !isDue) return;
    do {
      if (!(await send(batch))) return;
      batch = spool.next({ rows, bytes: BATCH_BYTES });
    } while (batch.payloads.length > 0 && !stop.signal.aborted);
  }

  /** Whether to go on at once. */
  async function send(batch: SpoolBatch): Promise<boolean> {
    const head = JSON.stringify({ version: 1, data_plane: dataPlane, backlog: batch.backlog });
    const body = Buffer.from(`${head.slice(0, -1)},"observations":[${batch.payloads.join(',')}]}`);
    const now = clock.now();
    const id = deliveryId(dataPlane, batch, now);
    const answer = await options.post(
      body,
      {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(now / 1000)),
        'webhook-signature': webhook.sign(id, new Date(now), body),
        'x-aisix-data-plane': dataPlane,
      },
      stop.signal,
    );
    if ('failed' in answer) return failed(answer.failed, undefined);
    if (answer.status === 202) return delivered(batch, answer.body);
    if (answer.status === 413 && batch.payloads.length > 0) return tooLarge(batch);
    return failed(`http_${answer.status}`, answer.retryAfter);
  }

  async function delivered(batch: SpoolBatch, body: string): Promise<boolean> {
    await spool.done(batch);
    rows = MAX_BATCH_OBSERVATIONS;
    const rejected = rejectedIn(body);
    if (rejected > 0) leftOut(rejected, 'refused_by_server');
    recorder.count(AGENT_METRICS.delivered, batch.payloads.length - rejected);
    if (fault !== undefined) log('info', 'The server takes observations again.', { feed: dataPlane });
    deliveredAt = clock.now();
    fault = undefined;
    failures = 0;
    askedPause = undefined;
    return true;
  }

  async function tooLarge(batch: SpoolBatch): Promise<boolean> {
    if (batch.payloads.length > 1) {
      rows = Math.ceil(batch.payloads.length / 2);
      return true;
    }
    await spool.done(batch);
    leftOut(1, 'too_large');
    return true;
  }

  function leftOut(observations: number, reason: string): void {
    refused += observations;
    recorder.count(AGENT_METRICS.dropped, observations, { reason });
    log('error', 'Observations can never be delivered and are left out.', { feed: dataPlane, observations, reason });
  }

  function failed(reason: string, retryAfter: string | undefined): false {
    failures += 1;
    askedPause = retryAfterMillis(retryAfter, clock.now());
    recorder.count(AGENT_METRICS.postFailures, 1, { reason });
    if (reason !== fault && !stop.signal.aborted) {
      log('warn', 'The server does not take observations; they are kept here.', {
        feed: dataPlane,
        reason,
        ...(reason === 'http_401' ? { check: 'the secret of this agent, its data plane, and both clocks' } : {}),
      });
    }
    fault = reason;
    return false;
  }

  return {
    start() {
      isStarted = true;
      loop.run();
    },
    flush: loop.look,
    health: () => ({
      ...(fault === undefined ? {} : { fault }),
      ...(deliveredAt === undefined ? {} : { deliveredAt }),
      refused,
    }),
    async close() {
      stop.abort();
      await loop.close();
    },
  };
}

/** The same for every try of the same batch. */
function deliveryId(dataPlane: string, { firstSeq, lastSeq }: SpoolBatch, now: number): string {
  const what = lastSeq === 0 ? `heartbeat ${now}` : `${firstSeq} ${lastSeq}`;
  return `agent_${createHash('sha256').update(`${dataPlane} ${what}`).digest('hex').slice(0, 32)}`;
}

function rejectedIn(body: string): number {
  try {
    const { rejected } = JSON.parse(body) as { readonly rejected?: unknown };
    return Array.isArray(rejected) ? rejected.length : 0;
  } catch {
    return 0;
  }
}
