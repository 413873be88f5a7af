import type {
  ConfigChange,
  Impact,
  Incident,
  IncidentQuery,
  PackedWindow,
  ResourceVersion,
  SilentSpan,
} from '@aisix-observability/evidence';

/** Everything that is known of one environment and span of time, as plain data. The window lies in shared memory. */
export interface Known {
  readonly window: PackedWindow;
  readonly changes: readonly ConfigChange[];
  readonly versions: readonly ResourceVersion[];
  readonly silent: readonly SilentSpan[];
}

/**
 * Shared between the threads: not 0 once nobody waits for the answer any more. A thread that works hears no messages.
 */
export type Gone = Int32Array<SharedArrayBuffer>;

/** Calls that the thread of investigations answers. `now`: epoch milliseconds. */
export type JudgeCalls = {
  rehearse: { readonly input: null; readonly output: null };
  weigh: {
    readonly input: {
      readonly known: Known;
      readonly changeIds: readonly string[];
      readonly now: number;
      readonly gone: Gone;
    };
    readonly output: readonly Impact[];
  };
  rank: {
    readonly input: { readonly known: Known; readonly query: IncidentQuery; readonly now: number; readonly gone: Gone };
    readonly output: readonly Incident[];
  };
};
