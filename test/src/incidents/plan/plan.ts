import type { Effect } from '../gateway/effects.ts';
import type { Edit } from './edits.ts';

/** What a change is in truth. */
export type Role = 'benign' | 'bystander' | 'decoy' | 'rejected' | 'same' | 'fault' | 'fix';

/** One change that will be made. */
export interface PlannedChange {
  /** Milliseconds from the window's start. */
  readonly at: number;
  readonly kind: string;
  readonly id: string;
  /** Undefined deletes; of a resource that does not exist yet the document is empty. */
  readonly edit: Edit | undefined;
  readonly action: 'create' | 'update' | 'delete';
  readonly role: Role;
  /** Could have done harm by what it changes. */
  readonly plausible: boolean;
  /** Index of the fault that it brings or ends; -1 for the rest. */
  readonly fault: number;
  readonly automation: boolean;
}

/** Which requests a fault can reach. */
export interface Reach {
  readonly models: ReadonlySet<number>;
  readonly callers: ReadonlySet<number>;
}

/** What a fault does, apart from when. */
export interface FaultPlan {
  readonly kind: string;
  readonly reach: Reach;
  readonly resource: { readonly kind: string; readonly id: string };
  readonly edit: Edit | undefined;
  /** Effects with a cause and times to be filled in. */
  readonly effects: (cause: number, from: readonly number[], to: readonly number[]) => Effect[];
  readonly latency?: boolean;
  readonly vanishes?: boolean;
}

/** A fault with its times. */
export interface PlannedFault {
  readonly plan: FaultPlan;
  /** When its change is made, and when it begins to bite; milliseconds from the window's start. */
  readonly at: number;
  readonly delayMs: number;
  readonly fixedAt?: number;
}

/** Trouble without a change. */
export interface PlannedTrouble {
  readonly kind: 'outage' | 'slow' | 'disturbance' | 'caller';
  readonly from: number;
  readonly to: number;
  /** Names of what is in trouble: provider keys, or a caller. */
  readonly names: readonly string[];
  readonly reach: Reach;
}
