import type { Clock, Log, Recorder } from '@aisix-observability/pipeline';
import { type Context, Hono } from 'hono';
import { agentBatch, MAX_BATCH_BYTES } from '../../adapt/agentBatch.ts';
import {
  type AgentAdapted,
  type AgentIdentity,
  adaptAgentObservation,
  redactedAgain,
} from '../../adapt/agentObservation.ts';
import type { Observation, Observe } from '../../model/observation.ts';
import type { KeyedHash } from '../../redact/keyedHash.ts';
import type { Redactor } from '../../redact/redactor.ts';
import { isDeeperThan } from '../eventBody.ts';
import { createFeedJournal, type FeedJournal } from '../feedJournal.ts';
import { HttpRefusal } from '../httpRefusal.ts';
import { loadMemory, type Memory } from '../jsonMemory.ts';
import { createOutbox, type Outbox } from '../outbox.ts';
import { readBody } from '../requestBody.ts';
import { createVerifier, type VerifySignature } from '../signature.ts';
import { createSilence, type Silence } from '../silence.ts';
import type { RememberedSilence } from '../watch/watchMemory.ts';
import { AGENT_METRICS } from '../watch/watchMetrics.ts';

/** Names the data plane, and so the secret that the body is signed with. */
export const DATA_PLANE_HEADER = 'x-aisix-data-plane';

/** An agent posts at least twice a minute, if only to say that it is there. */
export const DEFAULT_AGENT_SILENT_AFTER_MILLIS = 90_000;

/** So often it is looked for agents that are silent. */
const CHECK_MILLIS = 5_000;
/** So often it is written down when an agent was heard. */
const SAVE_HEARD_MILLIS = 10_000;
/** The envelope, an observation and a document that nests as deep as redaction goes. */
const MAX_DEPTH = 48;
const RETRY_AFTER_SECONDS = 5;

export interface ConfiguredAgent extends AgentIdentity {
  /** `whsec_…`; two while they are rotated. */
  readonly secrets: readonly string[];
  readonly memory: Memory<RememberedSilence>;
}

export interface AgentRouteOptions {
  /** On the ingest listener. */
  readonly path: string;
  readonly agents: readonly ConfiguredAgent[];
  /** Under the installation's key, which the agents share. */
  readonly hash: KeyedHash;
  readonly observe: Observe;
  readonly clock: Clock;
  readonly log: Log;
  readonly recorder: Recorder;
  readonly silentAfterMillis?: number;
  /** Bound for tests; default `MAX_BATCH_BYTES`. */
  readonly maxBytes?: number;
}

export interface AgentRoute {
  readonly app: Hono;
  /** Begins to notice silent agents. */
  start(): void;
  close(): Promise<void>;
}

interface Known extends ConfiguredAgent {
  readonly verify: VerifySignature;
  readonly journal: FeedJournal;
  readonly silence: Silence;
  readonly outbox: Outbox;
  savedAt: number;
}

/**
 * `POST <path>` with a batch that an agent signed (Standard Webhooks 1.0, over the bytes as sent) → 202
 * `{"accepted":n}` once it is durable, with `rejected:[{index,code,message}]` where there are any. The header
 * `x-aisix-data-plane` chooses the secret; environment and data plane of all that is told are those of the
 * configuration. The same batch again changes nothing.
 *
 * @throws WebhookSecretError when a secret cannot be used, StateFileError when a memory is of a newer version.
 */
export function createAgentRoute(options: AgentRouteOptions): AgentRoute {
  const { clock, log, recorder } = options;
  const redactor = redactedAgain(options.hash);
  const agents = new Map(options.agents.map((agent) => [agent.dataPlane, knownAgent(agent, options)]));
  let cancel: (() => void) | undefined;
  const app = new Hono();
  app.post(options.path, async (c) => {
    let agent: Known | undefined;
    try {
      agent = agents.get(c.req.header(DATA_PLANE_HEADER) ?? '');
      if (agent === undefined) throw new HttpRefusal('signature_invalid', 'no agent of this data plane is configured');
      return await take(c, agent, redactor, options);
    } catch (error) {
      if (!(error instanceof HttpRefusal)) throw error;
      if (agent !== undefined) agent.journal.delivery(error.code, error.message);
      else recorder.count(AGENT_METRICS.unknown, 1);
      return error.reply();
    }
  });

  function check(): void {
    const at = clock.now();
    for (const agent of agents.values()) {
      const gaps = agent.silence.missed(at, 'agent_silent');
      if (gaps.length > 0) {
        log('warn', 'An agent is not heard.', { feed: agent.name });
        remember(agent, gaps, clock);
      }
    }
    cancel = clock.after(CHECK_MILLIS, check);
  }

  return {
    app,
    start: () => {
      cancel ??= clock.after(CHECK_MILLIS, check);
    },
    async close() {
      cancel?.();
      await Promise.all([...agents.values()].map(({ outbox }) => outbox.close()));
    },
  };
}

function knownAgent(agent: ConfiguredAgent, options: AgentRouteOptions): Known {
  const feed = { type: 'agent', name: agent.name } as const;
  return {
    ...agent,
    verify: createVerifier(agent.secrets),
    journal: createFeedJournal({ ...options, feed, now: options.clock.now }),
    outbox: createOutbox({ ...options, feed: agent.name }),
    savedAt: Number.NEGATIVE_INFINITY,
    silence: createSilence({
      feed,
      environment: agent.environment,
      dataPlane: agent.dataPlane,
      silentAfterMillis: options.silentAfterMillis ?? DEFAULT_AGENT_SILENT_AFTER_MILLIS,
      startedAt: options.clock.now(),
      remembered: loadMemory(agent.memory, options.log, { feed: agent.name }),
    }),
  };
}

async function take(c: Context, agent: Known, redactor: Redactor, options: AgentRouteOptions): Promise<Response> {
  const body = await readBody(c.req.raw, options.maxBytes ?? MAX_BATCH_BYTES);
  const now = options.clock.now();
  const headers = {
    id: c.req.header('webhook-id'),
    timestamp: c.req.header('webhook-timestamp'),
    signature: c.req.header('webhook-signature'),
  };
  agent.verify(body, headers, now);
  const batch = batchOf(body, agent);
  const accepted: Observation[] = [];
  const rejected: object[] = [];
  for (const [index, told] of batch.observations.entries()) {
    const adapted: AgentAdapted = adaptAgentObservation(told, { ...agent, redactor, now });
    if ('observation' in adapted) {
      accepted.push(adapted.observation);
    } else {
      rejected.push({ index, ...adapted.refused });
      agent.journal.event(adapted.refused.code, adapted.refused.message);
    }
  }
  await durable(accepted, options.observe);
  agent.journal.accepted(accepted.length);
  // While older observations still wait there, the time that they are of is not known yet.
  if (batch.backlog === 0) remember(agent, agent.silence.heard(now), options.clock);
  return Response.json({ accepted: accepted.length, ...(rejected.length === 0 ? {} : { rejected }) }, { status: 202 });
}

function batchOf(body: Buffer, agent: Known) {
  let found: unknown;
  try {
    found = JSON.parse(body.toString('utf8'));
  } catch {
    throw new HttpRefusal('invalid_json', 'expected JSON');
  }
  if (isDeeperThan(found, MAX_DEPTH)) throw new HttpRefusal('not_a_batch', `expected at most ${MAX_DEPTH} levels`);
  const { version } = (found ?? {}) as { readonly version?: unknown };
  if (typeof version === 'number' && version > 1) {
    throw new HttpRefusal('unsupported_version', 'expected batches of version 1', 'update this server');
  }
  const parsed = agentBatch.safeParse(found);
  if (!parsed.success) {
    const place = parsed.error.issues[0]?.path.filter((step) => typeof step === 'string').join('.') || 'the body';
    throw new HttpRefusal('not_a_batch', `unexpected ${place}`);
  }
  if (parsed.data.data_plane !== agent.dataPlane) {
    throw new HttpRefusal('forbidden_data_plane', 'expected the data plane of the header in the body, too');
  }
  return parsed.data;
}

/** @throws HttpRefusal `ledger_unavailable`: the agent keeps the batch and tries again. */
async function durable(observations: readonly Observation[], observe: Observe): Promise<void> {
  try {
    if (observations.length > 0) await observe(observations);
  } catch (error) {
    // Named by its class: the message of an unforeseen error may quote what was stored.
    const name = error instanceof Error ? error.name : 'unknown';
    throw new HttpRefusal('ledger_unavailable', `the batch could not be made durable (${name})`, 'send it again', {
      'retry-after': String(RETRY_AFTER_SECONDS),
    });
  }
}

function remember(agent: Known, gaps: readonly Observation[], clock: Clock): void {
  const at = clock.now();
  if (gaps.length === 0 && Math.abs(at - agent.savedAt) < SAVE_HEARD_MILLIS) return;
  agent.savedAt = at;
  const state = agent.silence.state();
  agent.outbox.put(gaps, () => agent.memory.save({ version: 1, ...state }));
}
