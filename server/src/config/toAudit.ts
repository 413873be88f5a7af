import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { agentSchema } from './agentSchema.ts';
import type {
  AgentConfig,
  AuditAgentConfig,
  AuditConfig,
  AuditPollConfig,
  AuditWebhookConfig,
  WatchConfig,
} from './audit.ts';
import type { auditSchema } from './auditSchema.ts';
import { toPollSource } from './toPollSource.ts';

type AuditSection = z.output<typeof auditSchema>;

export interface ToAuditOptions {
  /** Id of an environment by what the file calls it; the only one for nothing. */
  readonly environmentId: (word: string | undefined) => string;
  readonly path: (file: string) => string;
}

export function toAudit(from: AuditSection, { environmentId, path }: ToAuditOptions): AuditConfig {
  const named = (word: string | undefined) => (word === undefined ? {} : { environment: environmentId(word) });
  return {
    webhooks: from.webhooks.map(
      (webhook): AuditWebhookConfig => ({
        name: webhook.name ?? feedName('webhook', webhook.path),
        path: webhook.path,
        secrets: webhook.secrets,
        ...named(webhook.environment),
      }),
    ),
    agents: from.agents.map(
      ({ name, secrets, environment, data_plane }): AuditAgentConfig => ({
        name: name ?? feedName('agent', data_plane),
        secrets,
        environment: environmentId(environment),
        dataPlane: data_plane,
      }),
    ),
    watch: from.watch.map((entry) => toWatch(entry, { environmentId, path })),
    poll: from.poll.map(
      (entry): AuditPollConfig => ({
        name: entry.name ?? feedName('poll', entry.url),
        url: entry.url,
        ...(entry.token === undefined ? {} : { token: entry.token }),
        source: toPollSource(entry),
        intervalMillis: entry.interval,
        ...(entry.overlap === undefined ? {} : { overlapMillis: entry.overlap }),
        ...(entry.since === undefined ? {} : { sinceMillis: entry.since }),
        ...named(entry.environment),
      }),
    ),
    headMillis: from.publish_head,
  };
}

/** Which keys are there has been checked: an empty text never comes out. */
function toWatch(from: AuditSection['watch'][number], { environmentId, path }: ToAuditOptions): WatchConfig {
  const { kind, path: file = '', url = '', endpoints = [], prefix = '', data_plane: dataPlane, tls } = from;
  const environment = environmentId(from.environment);
  const place = { config_cache: file, resources_file: file, etcd: `${endpoints.join()} ${prefix}`, status: url }[kind];
  const common = {
    name: from.name ?? feedName(kind, `${environment} ${dataPlane ?? ''} ${place}`),
    environment,
    ...(from.interval === undefined ? {} : { intervalMillis: from.interval }),
  };
  switch (kind) {
    case 'config_cache':
      return { kind, ...common, path: path(file), dataPlane: dataPlane ?? '' };
    case 'resources_file':
      return { kind, ...common, path: path(file), ...(dataPlane === undefined ? {} : { dataPlane }) };
    case 'etcd':
      return {
        kind,
        ...common,
        endpoints,
        prefix,
        ...(tls === undefined
          ? {}
          : {
              tls: {
                ...(tls.ca_file === undefined ? {} : { caFile: path(tls.ca_file) }),
                ...(tls.cert_file === undefined ? {} : { certFile: path(tls.cert_file) }),
                ...(tls.key_file === undefined ? {} : { keyFile: path(tls.key_file) }),
              },
            }),
      };
    case 'status':
      return { kind, ...common, url, dataPlane: dataPlane ?? '' };
  }
}

export function toAgent(from: z.output<typeof agentSchema>, { environmentId, path }: ToAuditOptions): AgentConfig {
  return {
    url: from.url,
    secret: from.secret,
    dataPlane: from.data_plane,
    environment: environmentId(from.environment),
    ...(from.cache_file === undefined ? {} : { cacheFile: path(from.cache_file) }),
    ...(from.resources_file === undefined ? {} : { resourcesFile: path(from.resources_file) }),
    ...(from.status_url === undefined ? {} : { statusUrl: from.status_url }),
    ...(from.interval === undefined ? {} : { intervalMillis: from.interval }),
    spoolBytes: from.spool,
  };
}

/** What a feed remembers is kept under its name, so it must stay the same when the order in the list changes. */
function feedName(kind: string, place: string): string {
  return `${kind}-${createHash('sha256').update(place).digest('hex').slice(0, 8)}`;
}
