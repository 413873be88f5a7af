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

/** Calls that the thread of investigations answers. `now`: epoch milliseconds. */
export type JudgeCalls = {
  rehearse: { readonly input: null; readonly output: null };
  weigh: {
    readonly input: { readonly known: Known; readonly changeIds: readonly string[]; readonly now: number };
    readonly output: readonly Impact[];
  };
  rank: {
    readonly input: { readonly known: Known; readonly query: IncidentQuery; readonly now: number };
    readonly output: readonly Incident[];
  };
};
