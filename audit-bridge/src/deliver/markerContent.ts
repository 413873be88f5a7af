import type { ChangeAction, ConfigChange } from '@aisix-observability/evidence';

/** What became of a change, as far as a marker tells it. */
export type MarkerOutcome = 'done' | 'failed' | 'rejected';

/** What a marker may tell of one change: never who, never a value. All of it is redacted by the ledger. */
export interface MarkerChange {
  readonly kind: string;
  readonly action: ChangeAction;
  readonly outcome: MarkerOutcome;
  readonly name?: string;
  readonly previousName?: string;
}

/** A marker to be drawn. */
export interface Marker {
  readonly id: string;
  /** Name of the environment; null for changes of the whole organization. */
  readonly environment: string | null;
  /** Epoch milliseconds, whole. */
  readonly start: number;
  readonly end: number;
  /** All of them; `changes` holds no more than are worth telling. */
  readonly count: number;
  /** Every kind and action that occurs, in order. */
  readonly kinds: readonly string[];
  readonly actions: readonly ChangeAction[];
  /** The first ones by time. */
  readonly changes: readonly MarkerChange[];
}

export function markerChange({ resource, action, result, state }: ConfigChange): MarkerChange {
  return {
    kind: resource.kind,
    action,
    outcome: result === 'failure' ? 'failed' : state === 'rejected' ? 'rejected' : 'done',
    ...(resource.name !== undefined && { name: resource.name }),
    ...(resource.previousName !== undefined && { previousName: resource.previousName }),
  };
}
