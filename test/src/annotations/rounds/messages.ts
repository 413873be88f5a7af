import type { Observation } from '@aisix-observability/audit-bridge';

/** To the bridge: observations to be taken for good. */
export interface ToBridge {
  readonly batch: number;
  readonly observations: readonly Observation[];
}

export type FromBridge =
  | { readonly type: 'ready' }
  /** They would survive now. */
  | { readonly type: 'acknowledged'; readonly batch: number }
  | { readonly type: 'status'; readonly waiting: number; readonly state: string; readonly behind: number }
  | { readonly type: 'complaint'; readonly message: string; readonly fields: unknown };
