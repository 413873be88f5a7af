import type { ChangedPath } from '@aisix-observability/evidence';
import { valueHash } from '../model/canonicalJson.ts';
import type { Observation, ResourceRef } from '../model/observation.ts';
import { HASH_MARK, type KeyedHash } from '../redact/keyedHash.ts';
import { createRedactor, type Redactor } from '../redact/redactor.ts';
import { type AgentObservation, type AgentResource, agentFeed, agentObservation } from './agentBatch.ts';
import { plausibleTime } from './eventTime.ts';

/** Who an agent is, by the configuration of the receiver. */
export interface AgentIdentity {
  /** Name of the agent. */
  readonly name: string;
  readonly environment: string;
  readonly dataPlane: string;
}

export interface AgentContext extends AgentIdentity {
  /** Of a redactor by `redactedAgain`. */
  readonly redactor: Redactor;
  /** Epoch milliseconds. */
  readonly now: number;
}

export type AgentAdapted =
  | { readonly observation: Observation }
  | { readonly refused: { readonly code: string; readonly message: string } };

const HASHED = new RegExp(`^${HASH_MARK}([0-9a-f]{12})$`);

/**
 * A redactor for values that were redacted before: what stands there as a hash stays that hash, all else goes by the
 * rules once more. So an agent of an older version, or one that is not what it says, cannot bring secrets in.
 */
export function redactedAgain(hash: KeyedHash, onFound?: (kind: string, times: number) => void): Redactor {
  return createRedactor({
    hash: (text) => HASHED.exec(text)?.[1] ?? hash(text),
    ...(onFound === undefined ? {} : { onFound }),
  });
}

/**
 * An observation as an agent tells it, with environment, data plane and feed of its configuration. Ids are made those
 * of the agent, so that none can take the place of another's.
 */
export function adaptAgentObservation(value: unknown, context: AgentContext): AgentAdapted {
  const parsed = agentObservation.safeParse(value);
  if (!parsed.success) {
    const place = parsed.error.issues[0]?.path.filter((step) => typeof step === 'string').join('.') || 'observation';
    return refused('invalid_observation', `unexpected ${place}`);
  }
  for (const time of timesOf(parsed.data)) {
    const plausible = plausibleTime(time, context.now);
    if ('fault' in plausible) return refused(plausible.fault, plausible.message);
  }
  return { observation: observationOf(parsed.data, context) };
}

function refused(code: string, message: string): AgentAdapted {
  return { refused: { code, message } };
}

function timesOf(told: AgentObservation): number[] {
  switch (told.type) {
    case 'change':
      return [told.observedAt, ...(told.seenBetween ?? [])];
    case 'in_force':
      return [told.observedAt, told.at, ...(told.between ?? [])];
    case 'present':
      return [told.observedAt, told.at];
    case 'gap':
      return [told.observedAt, told.from, ...(told.to === undefined ? [] : [told.to])];
    case 'status':
      return [told.observedAt];
  }
}

function observationOf(told: AgentObservation, { name, environment, dataPlane, redactor }: AgentContext): Observation {
  const { label } = redactor;
  const seen = {
    observationId: valueHash(['agent', environment, dataPlane, told.observationId]),
    feed: agentFeed(name, label(told.feed.name)),
    observedAt: told.observedAt,
    environment,
    dataPlane,
  };
  switch (told.type) {
    case 'change': {
      const { kind } = told.resource;
      const side = (document: Readonly<Record<string, unknown>> | null) =>
        document === null ? null : redactor.redactResource(kind, document).value;
      return {
        type: told.type,
        ...seen,
        trust: 'observed',
        action: told.action,
        resource: resourceOf(told.resource, redactor),
        ...(told.seenBetween === undefined ? {} : { seenBetween: told.seenBetween }),
        foundLate: told.foundLate,
        paths: told.paths.map((path): ChangedPath => redactor.changedPath(kind, path)),
        ...(told.before === undefined ? {} : { before: side(told.before) }),
        ...(told.after === undefined ? {} : { after: side(told.after) }),
        ...(told.revision === undefined ? {} : { revision: told.revision }),
        result: 'success',
        source: label(told.source),
      };
    }
    case 'in_force':
      return {
        ...told,
        ...seen,
        resource: resourceOf(told.resource, redactor),
        ...(told.valueHash === undefined ? {} : { valueHash: label(told.valueHash) }),
      } as Observation;
    case 'present':
      return {
        ...told,
        ...seen,
        resource: resourceOf(told.resource, redactor),
        value: redactor.redactResource(told.resource.kind, told.value).value,
        ...(told.valueHash === undefined ? {} : { valueHash: label(told.valueHash) }),
      } as Observation;
    case 'status':
      return {
        ...told,
        ...seen,
        state: label(told.state),
        rejected: told.rejected.map(({ kind, id, ...rest }) => ({ ...rest, kind: label(kind), id: label(id) })),
      } as Observation;
    case 'gap':
      return { ...told, ...seen, reason: label(told.reason) } as Observation;
  }
}

function resourceOf({ kind, id, name, previousName }: AgentResource, { label }: Redactor): ResourceRef {
  return {
    kind: label(kind),
    ...(id === undefined ? {} : { id: label(id) }),
    ...(name === undefined ? {} : { name: label(name) }),
    ...(previousName === undefined ? {} : { previousName: label(previousName) }),
  };
}
