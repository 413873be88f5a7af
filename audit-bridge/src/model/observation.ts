import type { ChangeAction, ChangedPath, ChangeTrust } from '@aisix-observability/evidence';

/** Where something was seen. `name` is unique within the configuration and stable over restarts. */
export interface FeedRef {
  readonly type: 'webhook' | 'poll' | 'config_cache' | 'resources_file' | 'etcd' | 'status' | 'agent' | 'ledger';
  readonly name: string;
}

/** What every observation has in common. All of it is redacted before it gets this type. */
interface Seen {
  /**
   * Identity: the same thing seen again (delivered twice, read again after a restart) has the same one. Audit events:
   * source and event id. Watchers: hash of environment, data plane, resource, action and the (redacted) value with its revision.
   */
  readonly observationId: string;
  readonly feed: FeedRef;
  /** When this server (or the agent beside the data plane) got to know of it, epoch milliseconds. */
  readonly observedAt: number;
  /** Null for what concerns the whole organization. */
  readonly environment: string | null;
  readonly dataPlane?: string;
}

/** A resource, as the gateway and the Cloud name it. `name` is absent where a kind has none. */
export interface ResourceRef {
  /** Singular, as in `resource.type` of the wire contract: `model`, `api_key`, `provider_key`, … */
  readonly kind: string;
  readonly id?: string;
  readonly name?: string;
  /** Where this change renamed it. */
  readonly previousName?: string;
}

/** An audit event (exact time, actor), or the difference of two states (an interval, no actor). */
export interface ChangeObservation extends Seen {
  readonly type: 'change';
  readonly trust: ChangeTrust;
  readonly action: ChangeAction;
  readonly resource: ResourceRef;
  /** Of audit events: when it happened. Watchers do not know it. */
  readonly occurredAt?: number;
  /** Of watchers: last time that the state was seen without it, first time that it was seen with it. */
  readonly seenBetween?: readonly [number, number];
  /** The watcher was not running in between: made while nobody watched. */
  readonly foundLate: boolean;
  readonly actor?: { readonly type: string; readonly id?: string; readonly name?: string };
  readonly organization?: string;
  readonly paths: readonly ChangedPath[];
  /** The redacted documents, where known: what `catalogueAt` is built from. Null: did not exist. */
  readonly before?: Readonly<Record<string, unknown>> | null;
  readonly after?: Readonly<Record<string, unknown>> | null;
  /** etcd revision of the new value; a deletion that was observed has none. */
  readonly revision?: number;
  readonly result: 'success' | 'failure';
  /** Redacted. */
  readonly error?: string;
  /** `dashboard`, `api`, `system`, or the watcher's word. */
  readonly source: string;
  readonly requestId?: string;
  /** Hash of the redacted content of an audit event: the same id with another hash is a conflict. */
  readonly contentHash?: string;
}

/** What one data plane really serves of one resource, from a moment on. */
export interface InForceObservation extends Seen {
  readonly type: 'in_force';
  readonly dataPlane: string;
  readonly environment: string;
  readonly resource: ResourceRef;
  /** `applied`: serves this value. `removed`: serves none. `rejected`: refused it and goes on with the last good one. */
  readonly state: 'applied' | 'removed' | 'rejected';
  /** Revision of the value meant (the refused one for `rejected`). */
  readonly revision?: number;
  /** `valueHash` of the redacted value meant, to find the change by where there is no revision. */
  readonly valueHash?: string;
  /** Since when, epoch milliseconds; the later end of `between` where only an interval is known. */
  readonly at: number;
  readonly between?: readonly [number, number];
}

/** `/status/config` of a data plane, when something in it moved. */
export interface StatusObservation extends Seen {
  readonly type: 'status';
  readonly dataPlane: string;
  readonly environment: string;
  /**
   * `synced`, `degraded`, `out_of_sync`, `empty`, `never_loaded`, or `unreachable` when it did not answer: the rest then
   * is what it last said.
   */
  readonly state: string;
  readonly connected?: boolean;
  readonly appliedRevision?: number;
  readonly applySeq?: number;
  /** Whole seconds, truncated. */
  readonly appliedAt?: number;
  readonly rejected: readonly { readonly kind: string; readonly id: string; readonly servingStaleSince?: number }[];
}

/**
 * A resource that was there when a feed looked for the first time: no change, but what the catalogue begins with. Its
 * `observationId` is made like that of a watched change.
 */
export interface PresentObservation extends Seen {
  readonly type: 'present';
  readonly environment: string;
  readonly resource: ResourceRef;
  /** Redacted. Null, which only the ledger itself writes: known not to be there. */
  readonly value: Readonly<Record<string, unknown>> | null;
  readonly revision?: number;
  readonly valueHash?: string;
  /** Since when it is known to be there, epoch milliseconds: the first look. */
  readonly at: number;
  /** What the value is: wanted, served by `dataPlane`, or both (of a stale resource there are two, one of each). */
  readonly as: 'desired' | 'in_force' | 'both';
}

/**
 * A feed told nothing for a while that it should have: changes of that time may be missing or late. One that was told
 * without an end is ended by another observation (of another id) of the same feed and the same `from`.
 */
export interface GapObservation extends Seen {
  readonly type: 'gap';
  readonly from: number;
  /** Absent while it lasts. */
  readonly to?: number;
  readonly reason: string;
}

export type Observation =
  | ChangeObservation
  | InForceObservation
  | StatusObservation
  | PresentObservation
  | GapObservation;

/** Takes observations for good: resolves once they are durable. The same `observationId` again changes nothing. */
export type Observe = (observations: readonly Observation[]) => Promise<ObserveResult>;

export interface ObserveResult {
  readonly stored: number;
  readonly repeated: number;
  /** Observations whose id was known with other content: kept as a conflict, and shown. */
  readonly conflicts: readonly string[];
}
