/** What was done to a resource. */
export const CHANGE_ACTIONS = [
  'create',
  'update',
  'delete',
  'enable',
  'disable',
  'rotate',
  'revoke',
  'invite',
  'other',
] as const;
export type ChangeAction = (typeof CHANGE_ACTIONS)[number];

/** How far a source can be believed: a signed event, a polled audit log, or state that was seen to differ. */
export type ChangeTrust = 'signed' | 'polled' | 'observed';

/** `rejected`: the data plane refused the document. `superseded`: overwritten before it was seen in force. */
export type ChangeState = 'applied' | 'rejected' | 'superseded' | 'unknown';

/** One value that a change touched; secret values stand as `hmac:<12 hex>`. */
export interface ChangedPath {
  /** JSON pointer into the resource. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly secret: boolean;
}

/** A configuration change, folded from everything that was observed of it. Times are epoch milliseconds. */
export interface ConfigChange {
  readonly id: string;
  readonly occurredAt: number;
  readonly observedAt: number;
  /** When it came into force, per data plane. */
  readonly effective: readonly { readonly dataPlane: string; readonly at: number }[];
  readonly action: ChangeAction;
  /** Absent where no audit event told who it was. */
  readonly actor?: { readonly type: string; readonly id?: string; readonly name?: string };
  /** `name` is the name after the change; before it, for a deletion. */
  readonly resource: {
    readonly kind: string;
    readonly id?: string;
    readonly name?: string;
    readonly previousName?: string;
  };
  /** Null for changes of the whole organization. */
  readonly environment: string | null;
  readonly organization?: string;
  readonly dataPlane?: string;
  readonly paths: readonly ChangedPath[];
  readonly revision?: number;
  readonly result: 'success' | 'failure';
  readonly trust: ChangeTrust;
  readonly state: ChangeState;
  /** Made while nobody watched. */
  readonly foundLate: boolean;
  /** Where no audit event told the time: the interval in which it came; `occurredAt` then is the end of it. */
  readonly observedBetween?: readonly [number, number];
  /** The same id came with other content. */
  readonly conflict: boolean;
  readonly source: string;
  readonly requestId?: string;
  readonly burstId?: string;
  readonly burstEnd?: number;
  /** What the timed looks found, and what a person said about it; the person has the last word. */
  readonly verdict?: ChangeVerdict;
}

export const HUMAN_VERDICTS = ['confirmed', 'cleared'] as const;
export type HumanVerdictValue = (typeof HUMAN_VERDICTS)[number];

export interface ChangeVerdict {
  /** Of the newest look; `value` and `reason` are words of `investigate`. */
  readonly computed?: {
    readonly value: string;
    readonly reason: string;
    readonly look: string;
    readonly at: number;
    /** For people, with the counts. */
    readonly sentence?: string;
    /** No later look will change it. */
    readonly settled?: boolean;
  };
  readonly human?: {
    readonly value: HumanVerdictValue;
    /** Who set it, as the identity provider names them. */
    readonly by: string;
    readonly at: number;
    /** Redacted. */
    readonly note?: string;
  };
}
