// The server's part of changes is described by the design and not by a schema yet; what is read of it stands here.

/** A configuration change as an audit reader sees it. Secret values are hashes already. Times are epoch milliseconds. */
export interface ConfigChange {
  readonly id: string;
  readonly occurredAt: number;
  readonly action: string;
  readonly actor?: { readonly type: string; readonly id?: string; readonly name?: string };
  readonly resource: {
    readonly kind: string;
    readonly id?: string;
    readonly name?: string;
    readonly previousName?: string;
  };
  readonly environment: string | null;
  readonly dataPlane?: string;
  readonly paths: readonly {
    readonly path: string;
    readonly before?: unknown;
    readonly after?: unknown;
    readonly secret: boolean;
  }[];
  readonly revision?: number;
  readonly result: string;
  readonly trust: string;
  readonly state: string;
  readonly foundLate?: boolean;
  readonly source?: string;
  readonly burstId?: string;
  readonly burstEnd?: number;
}

export interface ChangesInput {
  readonly from: number;
  readonly to: number;
  readonly environment?: string;
  readonly limit?: number;
  readonly order?: 'newest' | 'oldest';
}

export interface ChangesAnswer {
  readonly changes: readonly ConfigChange[];
  readonly gaps: readonly {
    readonly feed: string;
    readonly environment?: string;
    readonly from: number;
    readonly to?: number;
  }[];
  readonly nextCursor?: string;
}
