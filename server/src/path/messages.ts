import type { LogLevel } from '@aisix-observability/pipeline';
import type { Config } from '../config/config.ts';
import type { TelemetryPathStatus } from '../ingest/pathContract.ts';

/** What the worker thread is started with. */
export interface PathWorkerData {
  readonly dataDir: string;
  readonly config: Config;
}

/** Calls that are answered, by name. */
export interface PathCalls {
  status: { readonly input: null; readonly output: TelemetryPathStatus };
  metrics: { readonly input: null; readonly output: string };
  resend: {
    readonly input: { readonly destination: string; readonly from: number; readonly to: number };
    readonly output: { readonly rows: number; readonly items: number };
  };
  close: { readonly input: { readonly deadlineMillis: number }; readonly output: null };
}

export type PathCallName = keyof PathCalls;

/** Main thread to worker. */
export type ToPath =
  | { readonly type: 'wake' }
  | {
      readonly [Name in PathCallName]: {
        readonly type: 'call';
        readonly id: number;
        readonly name: Name;
        readonly input: PathCalls[Name]['input'];
      };
    }[PathCallName];

/** Worker to main thread. */
export type FromPath =
  | { readonly type: 'ready' }
  | { readonly type: 'assembled'; readonly seq: number }
  | { readonly type: 'answer'; readonly id: number; readonly output: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly message: string; readonly code?: string }
  | {
      readonly type: 'log';
      readonly level: LogLevel;
      readonly message: string;
      readonly fields?: Readonly<Record<string, unknown>>;
    };
