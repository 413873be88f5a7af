import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { BucketConfig, Config, DestinationConfig, InputTokenConfig, ListenerConfig, TlsConfig } from './config.ts';
import { SLOW_MILLIS } from './destinationDefaults.ts';
import { DEFAULT_LIMITS, LIMITS, type LimitsConfig } from './limits.ts';
import type { ConfigFile } from './schema.ts';
import { FILE_SCHEMA } from './schema.ts';
import { toAnnotationTarget } from './toAnnotations.ts';
import { toAgent, toAudit } from './toAudit.ts';
import { toLogDestination } from './toLogDestination.ts';
import { toGrafana, toVisibility } from './toReaders.ts';

const DEFAULT_ENVIRONMENT = { id: 'default', name: 'default' } as const;

export interface ToConfigOptions {
  /** Where relative paths of the file start. */
  readonly baseDir: string;
  /** Where the key of hashed values lies unless the file says something else. */
  readonly stateKeyFile: string;
}

/** A file that passed every check, in the server's words. */
export function toConfig(file: ConfigFile, { baseDir, stateKeyFile }: ToConfigOptions): Config {
  const environments = (file.environments ?? [DEFAULT_ENVIRONMENT]).map(({ id, name }) => ({ id, name: name ?? id }));
  const only = environments[0]?.id ?? DEFAULT_ENVIRONMENT.id;
  const environmentId = (word: string | undefined): string =>
    word === undefined ? only : (environments.find(({ id, name }) => id === word || name === word)?.id ?? word);
  const path = (file: string) => resolve(baseDir, file);
  const defaults = FILE_SCHEMA.parse({ ingest: {}, api: {}, inputs: {}, store: {}, retention: {}, telemetry: {} });
  const ingest = file.ingest ?? (defaults.ingest as NonNullable<ConfigFile['ingest']>);
  const api = file.api ?? (defaults.api as NonNullable<ConfigFile['api']>);
  const inputs = file.inputs ?? (defaults.inputs as NonNullable<ConfigFile['inputs']>);
  const store = file.store ?? (defaults.store as NonNullable<ConfigFile['store']>);
  const retention = file.retention ?? (defaults.retention as NonNullable<ConfigFile['retention']>);

  const visibility = toVisibility(file.visibility);
  const grafana = file.grafana.map((from) => toGrafana(from, environmentId, visibility));
  const annotations = { environmentId, environments: environments.map(({ id }) => id), grafana };

  const tls = (from: NonNullable<ConfigFile['ingest']>['tls']): { tls?: TlsConfig } =>
    from === undefined
      ? {}
      : {
          tls: {
            certFile: path(from.cert_file),
            keyFile: path(from.key_file),
            ...(from.client_ca_file === undefined ? {} : { clientCaFile: path(from.client_ca_file) }),
          },
        };
  const listener = (from: NonNullable<ConfigFile['ingest']>): ListenerConfig => ({
    host: from.host,
    port: from.port,
    ...tls(from.tls),
  });
  const dataPlane = (id: string | undefined) => (id === undefined ? {} : { dataPlane: id });
  const bucket = (from: {
    bucket: string;
    prefix: string;
    environment?: string | undefined;
    data_plane?: string | undefined;
  }): BucketConfig => ({
    bucket: from.bucket,
    prefix: from.prefix,
    environment: environmentId(from.environment),
    ...dataPlane(from.data_plane),
  });
  const tokens = (
    from: readonly { token: string; environment?: string | undefined; data_plane?: string | undefined }[],
  ): readonly InputTokenConfig[] =>
    from.map(({ token, environment, data_plane }) => ({
      token,
      environment: environmentId(environment),
      ...dataPlane(data_plane),
    }));

  return {
    dataDir: path(file.data_dir),
    ingest: listener(ingest),
    api: listener(api),
    environments,
    inputs: {
      ...(inputs.object_store === undefined
        ? {}
        : {
            objectStore: {
              ...(inputs.object_store.public_host === undefined ? {} : { publicHost: inputs.object_store.public_host }),
              accessKeys: inputs.object_store.access_keys,
              buckets: inputs.object_store.buckets.map(bucket),
            },
          }),
      followBuckets: inputs.follow_bucket.map((from) => ({
        ...bucket(from),
        name: from.name ?? followerName(from),
        ...(from.since === undefined ? {} : { sinceMillis: from.since }),
        region: from.region,
        intervalMillis: from.interval,
        forcePathStyle: from.force_path_style,
        ...(from.endpoint === undefined ? {} : { endpoint: from.endpoint }),
        ...(from.credentials === undefined ? {} : { credentials: from.credentials }),
      })),
      ...(inputs.otlp === undefined ? {} : { otlp: { tokens: tokens(inputs.otlp.tokens) } }),
      ...(inputs.telemetry === undefined ? {} : { telemetry: { tokens: tokens(inputs.telemetry.tokens) } }),
      keepRefused: inputs.keep_refused,
    },
    destinations: file.destinations
      .filter(({ signals }) => signals.includes('traces'))
      .map((from) => toDestination(from, environmentId, path)),
    logDestinations: file.destinations.flatMap((from) =>
      from.signals.includes('logs') ? toLogDestination(toDestination(from, environmentId, path), from.log_events) : [],
    ),
    ...(file.audit === undefined ? {} : { audit: toAudit(file.audit, { environmentId, path }) }),
    annotations: file.annotations.map((from) => toAnnotationTarget(from, annotations)),
    ...(file.agent === undefined ? {} : { agent: toAgent(file.agent, { environmentId, path }) }),
    grafana,
    visibility,
    access: {
      tokens: (file.access?.tokens ?? []).map(({ name, token, scopes, environments }) => ({
        name,
        token,
        scopes,
        ...(environments === undefined ? {} : { environments: environments.map(environmentId) }),
      })),
    },
    store: { driver: store.driver, memoryBytes: store.memory },
    retention: { requestsMillis: retention.requests, changesMillis: retention.changes },
    redaction:
      file.redaction?.key === undefined
        ? { keyFile: file.redaction?.key_file === undefined ? stateKeyFile : path(file.redaction.key_file) }
        : { key: file.redaction.key },
    limits: toLimits(file.limits ?? {}),
    telemetry: { endpoint: file.telemetry?.endpoint ?? '', headers: file.telemetry?.headers ?? {} },
  };
}

function toDestination(
  from: ConfigFile['destinations'][number],
  environmentId: (word: string) => string,
  path: (file: string) => string,
): DestinationConfig {
  return {
    name: from.name,
    url: tracesUrl(from.endpoint),
    protocol: from.protocol,
    compression: from.compression,
    headers: from.headers,
    ...(from.tls === undefined
      ? {}
      : {
          tls: {
            ...(from.tls.ca_file === undefined ? {} : { caFile: path(from.tls.ca_file) }),
            ...(from.tls.cert_file === undefined ? {} : { certFile: path(from.tls.cert_file) }),
            ...(from.tls.key_file === undefined ? {} : { keyFile: path(from.tls.key_file) }),
          },
        }),
    sampling: { ratio: from.sampling?.ratio ?? 1, slowMillis: from.sampling?.slow ?? SLOW_MILLIS },
    filter: {
      ...(from.filter?.environments === undefined ? {} : { environments: from.filter.environments.map(environmentId) }),
      ...(from.filter?.outcomes === undefined ? {} : { outcomes: from.filter.outcomes }),
    },
    redaction: { drop: from.redaction?.drop ?? [], hash: from.redaction?.hash ?? [] },
    traceId: from.trace_id,
    maxBacklogBytes: from.max_backlog,
    timeoutMillis: from.timeout,
    legacyGenai: from.legacy_genai,
    resourceAttributes: from.resource_attributes,
  };
}

/** Names the file in which a follower keeps its place, so it must stay the same when the order in the list changes. */
function followerName({
  bucket,
  prefix,
  endpoint = '',
}: {
  bucket: string;
  prefix: string;
  endpoint?: string | undefined;
}): string {
  const hash = createHash('sha256').update(`${endpoint}\n${bucket}\n${prefix}`).digest('hex').slice(0, 8);
  return `${bucket.slice(0, 40)}-${hash}`;
}

/** `endpoint` is a base URL (design §9); somebody who wrote the full URL gets what they meant. */
export function tracesUrl(endpoint: string): string {
  const url = new URL(endpoint);
  const base = url.pathname.replace(/\/+$/, '');
  url.pathname = base.endsWith('/v1/traces') ? base : `${base}/v1/traces`;
  return url.href;
}

function toLimits(from: Readonly<Record<string, number>>): LimitsConfig {
  return Object.fromEntries(
    Object.entries(LIMITS).map(([name, spec]) => [name, from[spec.key] ?? DEFAULT_LIMITS[name as keyof LimitsConfig]]),
  ) as LimitsConfig;
}
