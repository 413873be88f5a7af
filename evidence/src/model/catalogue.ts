/** One configuration resource as it was at some time; secrets are masked. */
export interface CatalogueEntry {
  readonly kind: string;
  readonly id: string;
  readonly name?: string;
  readonly environment: string;
  /** etcd revision of the value, where known. */
  readonly revision?: number;
  readonly value: Readonly<Record<string, unknown>>;
  /** Since when it is so, epoch milliseconds; the first look at it where it was there before. */
  readonly since?: number;
}

/** A value that one resource had from a moment on: wanted, or served by one data plane. */
export interface ResourceVersion {
  /** Null: as wanted. */
  readonly dataPlane: string | null;
  readonly kind: string;
  readonly id: string;
  readonly name?: string;
  readonly environment: string;
  readonly revision?: number;
  /** Null: from then on it was not there. */
  readonly value: Readonly<Record<string, unknown>> | null;
  /** Epoch milliseconds. */
  readonly since: number;
}

/** What resources existed in one environment at one time: as desired, and as in force per data plane. */
export interface Catalogue {
  readonly environment: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly desired: readonly CatalogueEntry[];
  readonly inForce: Readonly<Record<string, readonly CatalogueEntry[]>>;
  /**
   * Somebody looked at the whole configuration before, so that what is not listed was not there. False where only events
   * told of it: then only what changed is listed.
   */
  readonly complete?: boolean;
  /** What each data plane whose status is watched last said of itself. */
  readonly states?: Readonly<Record<string, DataPlaneState>>;
}

/** `/status/config` of a data plane. */
export interface DataPlaneState {
  /** `synced`, `degraded`, `out_of_sync`, `empty`, `never_loaded`, or `unreachable`. */
  readonly state: string;
  /** Since when it says so, epoch milliseconds. */
  readonly at: number;
  /** Resources whose newest document it refuses. */
  readonly rejected: readonly { readonly kind: string; readonly id: string }[];
}
