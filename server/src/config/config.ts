import type { LimitsConfig } from './limits.ts';
import type { GrafanaConfig, VisibilityConfig } from './readers.ts';

export type { LimitsConfig } from './limits.ts';
export type { GrafanaConfig, VisibilityConfig } from './readers.ts';

/**
 * The configuration as the server uses it: read, validated, interpolated, with every default filled in. Plain data
 * (it crosses to the worker thread by structured clone). Sizes are bytes, durations are milliseconds, environments
 * are ids.
 */
export interface Config {
  /** Absolute path. */
  readonly dataDir: string;
  readonly ingest: ListenerConfig;
  readonly api: ListenerConfig;
  /** At least one; ids and names are unique together. */
  readonly environments: readonly EnvironmentConfig[];
  readonly inputs: InputsConfig;
  readonly destinations: readonly DestinationConfig[];
  /** Nobody comes through Grafana where it is empty. Issuer and organization are unique together. */
  readonly grafana: readonly GrafanaConfig[];
  /** Of tokens, and of Grafanas that say nothing else. */
  readonly visibility: VisibilityConfig;
  readonly access: { readonly tokens: readonly AccessTokenConfig[] };
  readonly store: StoreConfig;
  readonly retention: RetentionConfig;
  readonly redaction: RedactionConfig;
  readonly limits: LimitsConfig;
  readonly telemetry: SelfTelemetryConfig;
}

export interface TlsConfig {
  readonly certFile: string;
  readonly keyFile: string;
  /** Authorities of client certificates; without it no certificate is asked for. */
  readonly clientCaFile?: string;
}

export interface ListenerConfig {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly tls?: TlsConfig;
}

/** Configuration may say the id or the name; the model, ids of spans and the store only know the id. */
export interface EnvironmentConfig {
  readonly id: string;
  readonly name: string;
}

/** An input that is absent is switched off. */
export interface InputsConfig {
  readonly objectStore?: ObjectStoreInputConfig;
  readonly followBuckets: readonly FollowBucketConfig[];
  readonly otlp?: TokenInputConfig;
  readonly telemetry?: TokenInputConfig;
  /** Keep hash, size, reason and a masked first line of what was refused, for seven days. */
  readonly keepRefused: boolean;
}

export interface ObjectStoreInputConfig {
  /** Host under which senders know this server, where a proxy rewrites `host`. */
  readonly publicHost?: string;
  readonly accessKeys: readonly AccessKeyConfig[];
  readonly buckets: readonly BucketConfig[];
}

export interface AccessKeyConfig {
  readonly id: string;
  readonly secret: string;
}

export interface BucketConfig {
  readonly bucket: string;
  /** Without slashes at either end; empty takes the whole bucket. */
  readonly prefix: string;
  readonly environment: string;
  readonly dataPlane?: string;
}

export interface FollowBucketConfig extends BucketConfig {
  /** Unique: the durable cursor is kept under it. */
  readonly name: string;
  readonly endpoint?: string;
  readonly region: string;
  /** Absent: the S3 client's own chain (environment, profile, instance role). */
  readonly credentials?: AccessKeyConfig;
  readonly intervalMillis: number;
  /** How far back to begin when the bucket was never followed before; absent: only what comes from then on. */
  readonly sinceMillis?: number;
  readonly forcePathStyle: boolean;
}

export interface TokenInputConfig {
  readonly tokens: readonly InputTokenConfig[];
}

export interface InputTokenConfig {
  readonly token: string;
  readonly environment: string;
  readonly dataPlane?: string;
}

export interface DestinationConfig {
  readonly name: string;
  /** The full URL that requests are posted to, with `/v1/traces`. */
  readonly url: string;
  readonly protocol: 'http/protobuf' | 'http/json';
  readonly compression: 'gzip' | 'none';
  readonly headers: Readonly<Record<string, string>>;
  /** PEM file of authorities to trust for this destination, and a client certificate with its key. */
  readonly tls?: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string };
  readonly sampling: {
    /** Share of ordinary requests that is kept, 0 to 1; errors, fallbacks, blocked and slow ones are always kept. */
    readonly ratio: number;
    /** A request that took longer counts as slow. */
    readonly slowMillis: number;
  };
  /** Absent lists let everything through. */
  readonly filter: { readonly environments?: readonly string[]; readonly outcomes?: readonly string[] };
  /** Names of span attributes to leave out or to replace by a keyed hash. */
  readonly redaction: { readonly drop: readonly string[]; readonly hash: readonly string[] };
  readonly traceId: 'inherit' | 'fresh';
  readonly maxBacklogBytes: number;
  /** Of one request to the backend. */
  readonly timeoutMillis: number;
  /** Also write the GenAI attribute names of earlier conventions. */
  readonly legacyGenai: boolean;
  readonly resourceAttributes: Readonly<Record<string, string>>;
}

export const ACCESS_SCOPES = ['requests', 'changes', 'metrics', 'status'] as const;
export type AccessScope = (typeof ACCESS_SCOPES)[number];

export interface AccessTokenConfig {
  readonly name: string;
  readonly token: string;
  readonly scopes: readonly AccessScope[];
  /** Ids; absent means all of them. */
  readonly environments?: readonly string[];
}

export const STORE_DRIVERS = ['duckdb', 'none'] as const;

/** Where requests are kept for questions. `none`: they only go to destinations, and the query API has no answers. */
export interface StoreConfig {
  readonly driver: (typeof STORE_DRIVERS)[number];
  /** Of the engine; the process takes more, since what it hands out and reads from disk counts apart. */
  readonly memoryBytes: number;
}

export interface RetentionConfig {
  readonly requestsMillis: number;
  readonly changesMillis: number;
}

/** Key of hashed values: as it is, or the file that holds it (made there when it is first needed). */
export type RedactionConfig = { readonly key: string } | { readonly keyFile: string };

export interface SelfTelemetryConfig {
  /** Base URL of an OTLP/HTTP backend for the server's own traces and metrics; empty is off. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
}
