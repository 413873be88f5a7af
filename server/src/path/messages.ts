import type { Config } from '../config/config.ts';
import type { TelemetryPathStatus } from '../ingest/pathContract.ts';

/** What the worker thread is started with. */
export interface PathWorkerData {
  readonly dataDir: string;
  readonly config: Config;
}

/** A range of one destination, epoch milliseconds, both inclusive. */
export interface RefillJob {
  readonly destination: string;
  readonly from: number;
  readonly to: number;
}

/** Of the store: requests that start in `[from, to)`, whose newest version stands in `(after, upTo]` of the stream. */
export interface RefillSegment {
  readonly from: number;
  readonly to: number;
  readonly after: number;
  readonly upTo: number;
}

/** What the store has to hand over, in order of positions; none where the stream still holds everything. */
export interface RefillPlan {
  readonly segments: readonly RefillSegment[];
  /** Position that an earlier run came to, 0 at first; what it left on disk up to there may still have to be sent. */
  readonly done: number;
  /** First position that the stream still holds. */
  readonly heldFrom: number;
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
