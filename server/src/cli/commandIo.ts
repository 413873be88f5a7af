import type { Writable } from 'node:stream';
import type { Log } from '@aisix-observability/pipeline';

/** The world as a command sees it; tests hand in their own. */
export interface CommandIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Writes to stdout: what the user asked for. */
  readonly out: (text: string) => void;
  /** The same for what is too long to be held: whoever writes waits until it is taken. */
  readonly stdout: Writable;
  /** Writes to stderr: what went wrong. */
  readonly err: (text: string) => void;
  /** Whether stdout is a terminal: only then lines are redrawn. */
  readonly interactive: boolean;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly interrupted: AbortSignal;
}
