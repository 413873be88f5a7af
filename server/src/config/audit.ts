import type { AnnotationDetail, FieldPath, PollSource } from '@aisix-observability/audit-bridge';

/** Where configuration changes come from. Names are unique over all feeds: what a feed remembers is kept under it. */
export interface AuditConfig {
  readonly webhooks: readonly AuditWebhookConfig[];
  readonly agents: readonly AuditAgentConfig[];
  readonly watch: readonly WatchConfig[];
  readonly poll: readonly AuditPollConfig[];
  /** How often the ledger's head is published, if it moved. */
  readonly headMillis: number;
}

export interface AuditWebhookConfig {
  readonly name: string;
  /** On the ingest listener. */
  readonly path: string;
  /** `whsec_…`; two while they are rotated. */
  readonly secrets: readonly string[];
  /** Absent: events name their environment, or belong to the organization. */
  readonly environment?: string;
}

/** Watchers beside a data plane that post here. */
export interface AuditAgentConfig {
  readonly name: string;
  readonly secrets: readonly string[];
  readonly environment: string;
  /** Unique among agents. */
  readonly dataPlane: string;
}

export const WATCH_KINDS = ['config_cache', 'resources_file', 'etcd', 'status'] as const;
export type WatchKind = (typeof WATCH_KINDS)[number];

interface Watched {
  readonly name: string;
  readonly environment: string;
  /** Between looks, milliseconds; absent: the watcher's own. */
  readonly intervalMillis?: number;
}

export type WatchConfig =
  | (Watched & { readonly kind: 'config_cache'; readonly path: string; readonly dataPlane: string })
  | (Watched & { readonly kind: 'resources_file'; readonly path: string; readonly dataPlane?: string })
  | (Watched & {
      readonly kind: 'etcd';
      /** Members of one cluster, asked in turn. */
      readonly endpoints: readonly string[];
      readonly prefix: string;
      readonly tls?: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string };
    })
  | (Watched & { readonly kind: 'status'; readonly url: string; readonly dataPlane: string });

export interface AuditPollConfig {
  readonly name: string;
  readonly url: string;
  readonly token?: string;
  readonly source: PollSource;
  readonly intervalMillis: number;
  readonly overlapMillis?: number;
  /** How far back to begin when the log was never read before; absent: from now on. */
  readonly sinceMillis?: number;
  readonly environment?: string;
}

/** The watchers of the command `agent`. */
export interface AgentConfig {
  /** The server's agent route. */
  readonly url: string;
  readonly secret: string;
  readonly dataPlane: string;
  readonly environment: string;
  readonly cacheFile?: string;
  readonly resourcesFile?: string;
  readonly statusUrl?: string;
  /** Between looks, milliseconds; absent: the watchers' own. */
  readonly intervalMillis?: number;
  readonly spoolBytes: number;
}

/** One Grafana organization in which changes are drawn. */
export interface AnnotationTargetConfig {
  readonly name: string;
  readonly url: string;
  readonly token: string;
  readonly orgId?: number;
  readonly detail: AnnotationDetail;
  readonly timelineUrl?: string;
  /** Ids; absent: all of them, and what concerns the whole organization. */
  readonly environments?: readonly string[];
}

/** Where the agents of data planes post, on the ingest listener. */
export const AGENT_PATH = '/audit/agent';

/** Fields of a row of an audit log that may be configured, as the file names them. */
export const POLLED_FIELDS = {
  id: 'id',
  occurred_at: 'occurredAt',
  action: 'action',
  event_type: 'eventType',
  method: 'method',
  kind: 'kind',
  resource_id: 'resourceId',
  resource_name: 'resourceName',
  actor_type: 'actorType',
  actor_id: 'actorId',
  actor_name: 'actorName',
  environment: 'environment',
  organization: 'organization',
  before: 'before',
  after: 'after',
  source: 'source',
  request_id: 'requestId',
  status: 'status',
  error: 'error',
  revision: 'revision',
} as const;

export type PolledFieldKey = keyof typeof POLLED_FIELDS;
export type PolledFieldPaths = Partial<Record<PolledFieldKey, FieldPath | undefined>>;
