import type { Config } from '../config/config.ts';
import type { RefillJob, RefillPlan, TelemetryPathStatus } from '../ingest/pathContract.ts';

/** What the worker thread is started with. */
export interface PathWorkerData {
  readonly dataDir: string;
  readonly config: Config;
  /** Where a stream of requests that is made now begins. */
  readonly requestsAfter?: number | undefined;
}

/** Calls that are answered, by name. */
export type PathCalls = {
  refillPlan: { readonly input: RefillJob; readonly output: RefillPlan };
  refillPage: {
    readonly input: { readonly job: RefillJob; readonly requests: readonly string[]; readonly done: number };
    readonly output: { readonly rows: number; readonly items: number };
  };
  refillEnd: { readonly input: { readonly job: RefillJob; readonly heldFrom: number }; readonly output: null };
  refillsPending: { readonly input: null; readonly output: readonly RefillJob[] };
  status: { readonly input: null; readonly output: TelemetryPathStatus };
  metrics: { readonly input: null; readonly output: string };
  resend: {
    readonly input: { readonly destination: string; readonly from: number; readonly to: number };
    readonly output: { readonly rows: number; readonly items: number };
  };
  close: { readonly input: { readonly deadlineMillis: number }; readonly output: null };
};

/** Main thread to worker. */
export type ToPath =
  | { readonly type: 'wake' }
  /** Requests up to this position are in the store. */
  | { readonly type: 'stored'; readonly seq: number };

/** Worker to main thread. */
export type FromPath =
  /** The last delivery that no open request needs any more, and the last request appended. */
  { readonly type: 'assembled'; readonly seq: number; readonly requestsSeq: number };
