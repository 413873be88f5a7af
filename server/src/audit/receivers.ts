import {
  auditWebhook,
  createAgentRoute,
  createKeyedHash,
  createRedactor,
  fileSilenceMemory,
  type Observe,
} from '@aisix-observability/audit-bridge';
import { type Log, type Recorder, systemClock } from '@aisix-observability/pipeline';
import type { Hono } from 'hono';
import { AGENT_PATH } from '../config/audit.ts';
import type { Config } from '../config/config.ts';
import { keyOf } from '../config/redactionKey.ts';
import { environmentOf } from './environmentOf.ts';

export interface AuditReceiversOptions {
  /** With its key in place. */
  readonly config: Config;
  readonly observe: Observe;
  readonly recorder: Recorder;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Where audit events and agents arrive, on the ingest listener. */
export interface AuditReceivers {
  readonly apps: readonly Hono[];
  /** Begins to notice silent agents. */
  start(): void;
  close(): Promise<void>;
}

/**
 * The routes of the configured webhooks and agents. They run where the listener runs, so that redaction comes before
 * anything crosses to another thread.
 *
 * @throws StateFileError when what is remembered of an agent was written by a newer version.
 */
export function createAuditReceivers(options: AuditReceiversOptions): AuditReceivers {
  const { config, observe, recorder, log, now } = options;
  const { webhooks = [], agents = [] } = config.audit ?? {};
  const hash = createKeyedHash(keyOf(config));
  const redactor = createRedactor({
    hash,
    onFound: (kind, times) => recorder.count('aisix_audit_secrets_found', times, { kind }),
  });
  const deps = { observe, recorder, log };
  const ofAgents =
    agents.length === 0
      ? undefined
      : createAgentRoute({
          ...deps,
          path: AGENT_PATH,
          agents: agents.map((agent) => ({ ...agent, memory: fileSilenceMemory(config.dataDir, agent.name) })),
          hash,
          clock: { ...systemClock, now },
        });
  return {
    apps: [
      ...webhooks.map((webhook) =>
        auditWebhook({ ...deps, ...webhook, environmentOf: environmentOf(config.environments), redactor, now }),
      ),
      ...(ofAgents === undefined ? [] : [ofAgents.app]),
    ],
    start: () => ofAgents?.start(),
    close: async () => ofAgents?.close(),
  };
}
