import { z } from 'zod';
import type { FeedRef, Observation } from '../model/observation.ts';

/** What an agent posts: observations of its data plane, redacted there. `backlog` counts those that still wait. */
export interface AgentBatch {
  readonly version: 1;
  readonly data_plane: string;
  readonly backlog: number;
  readonly observations: readonly unknown[];
}

/** Observations of one batch; the first look at a large configuration makes several. */
export const MAX_BATCH_OBSERVATIONS = 500;

/** A document may be as large as etcd allows, and stands in an observation twice, beside what changed. */
export const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/** Words and ids; whatever is longer is none. */
const word = z.string().min(1).max(1024);
const instant = z.number();
const whole = z.number().int().nonnegative();
const document = z.record(z.string(), z.unknown());
const interval = z.tuple([instant, instant]);

const seen = {
  observationId: word,
  feed: z.object({ type: word, name: word }),
  observedAt: instant,
};

const resource = z.object({
  kind: word,
  id: word.optional(),
  name: word.optional(),
  previousName: word.optional(),
});

const path = z.object({
  path: z.string().max(4096),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
});

/** More than redaction ever tells of one change. */
const MAX_PATHS = 1_000;
const MAX_REJECTED = 1_000;

/** The fields of a change that only a sender of audit events knows are left out: an agent sees states. */
const change = z.object({
  ...seen,
  type: z.literal('change'),
  action: z.enum(['create', 'update', 'delete']),
  resource,
  seenBetween: interval.optional(),
  foundLate: z.boolean(),
  paths: z.array(path).max(MAX_PATHS),
  before: document.nullish(),
  after: document.nullish(),
  revision: whole.optional(),
  source: word,
});

const inForce = z.object({
  ...seen,
  type: z.literal('in_force'),
  resource,
  state: z.enum(['applied', 'removed', 'rejected']),
  revision: whole.optional(),
  valueHash: word.optional(),
  at: instant,
  between: interval.optional(),
});

const status = z.object({
  ...seen,
  type: z.literal('status'),
  state: word,
  connected: z.boolean().optional(),
  appliedRevision: whole.optional(),
  applySeq: whole.optional(),
  appliedAt: instant.optional(),
  rejected: z
    .array(z.object({ kind: word, id: z.string().max(1024), servingStaleSince: instant.optional() }))
    .max(MAX_REJECTED),
});

const present = z.object({
  ...seen,
  type: z.literal('present'),
  resource,
  value: document,
  revision: whole.optional(),
  valueHash: word.optional(),
  at: instant,
  as: z.enum(['desired', 'in_force', 'both']),
});

const gap = z.object({ ...seen, type: z.literal('gap'), from: instant, to: instant.optional(), reason: word });

export const agentObservation = z.discriminatedUnion('type', [change, inForce, status, present, gap]);
export type AgentObservation = z.infer<typeof agentObservation>;
export type AgentResource = z.infer<typeof resource>;

export const agentBatch = z.object({
  version: z.literal(1),
  data_plane: word,
  backlog: whole,
  observations: z.array(z.unknown()).max(MAX_BATCH_OBSERVATIONS),
}) satisfies z.ZodType<AgentBatch>;

/** As it lies in the spool and travels: what the receiver's configuration decides is left out. */
export function toAgent(observation: Observation): unknown {
  const { environment: _, dataPlane: __, ...rest } = observation;
  return rest;
}

/** Names an agent's feed within the whole configuration. */
export function agentFeed(agent: string, feed: string): FeedRef {
  return { type: 'agent', name: `${agent}/${feed}` };
}
