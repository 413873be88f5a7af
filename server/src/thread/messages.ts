import type { LogLevel } from '@aisix-observability/pipeline';

/** Calls that a thread answers, by name: what goes in and what comes back, as plain data. */
export type CallTable<Names extends string = string> = {
  readonly [Name in Names]: { readonly input: unknown; readonly output: unknown };
};

/** Main thread to the other one. */
export type ToThread<Notice> =
  | { readonly type: 'call'; readonly id: number; readonly name: string; readonly input: unknown }
  | { readonly type: 'abort'; readonly id: number }
  | { readonly type: 'notice'; readonly notice: Notice };

/** The other thread to the main one. */
export type FromThread<Notice> =
  | { readonly type: 'ready' }
  | { readonly type: 'answer'; readonly id: number; readonly output: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly error: PlainError }
  | { readonly type: 'notice'; readonly notice: Notice }
  | {
      readonly type: 'log';
      readonly level: LogLevel;
      readonly message: string;
      readonly fields?: Readonly<Record<string, unknown>>;
    };

/** What of an error crosses between threads. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly field?: string;
}
