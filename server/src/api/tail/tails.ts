import { ApiError } from '../errors.ts';
import type { RunLimits } from '../limits.ts';
import type { TailEnd } from './tailLines.ts';

export interface OpenTail {
  /** Aborted when the tail shall end; the reason is a `TailEnd`, or the client's. */
  readonly signal: AbortSignal;
  end(reason: TailEnd | 'client'): void;
  /** Gives the place back; more than once does no harm. */
  close(): void;
}

/** The live tails that are open, so that they are bounded and end with the server. */
export interface Tails {
  /** @throws ApiError `too_many_tails`, `stopping` */
  open(reader: { readonly id: string; readonly expiresAt?: number }): OpenTail;
  count(): number;
  /** Ends all of them; no new ones are let in. */
  stop(): void;
}

/** Longest that a timer can wait; whoever reads longer is looked at again. */
const LONGEST_TIMER_MILLIS = 2 ** 31 - 1;
const RETRY_SECONDS = 10;

export function createTails(limits: Pick<RunLimits, 'tails' | 'tailsPerReader'>, now: () => number): Tails {
  const open = new Map<AbortController, string>();
  let stopped = false;
  return {
    open({ id, expiresAt }) {
      if (stopped) throw new ApiError('stopping', 'the server is stopping');
      const own = [...open.values()].filter((reader) => reader === id).length;
      if (open.size >= limits.tails || own >= limits.tailsPerReader) {
        const whose = own >= limits.tailsPerReader ? `${own} of yours` : `${open.size}`;
        throw new ApiError('too_many_tails', `${whose} are open already`, 'close one first', RETRY_SECONDS);
      }
      const controller = new AbortController();
      open.set(controller, id);
      let timer: NodeJS.Timeout | undefined;
      const untilExpired = () => {
        const left = (expiresAt ?? Number.POSITIVE_INFINITY) - now();
        if (left <= 0) controller.abort('token_expired' satisfies TailEnd);
        else if (expiresAt !== undefined) timer = setTimeout(untilExpired, Math.min(left, LONGEST_TIMER_MILLIS));
      };
      untilExpired();
      return {
        signal: controller.signal,
        end: (reason) => controller.abort(reason),
        close() {
          clearTimeout(timer);
          open.delete(controller);
        },
      };
    },
    count: () => open.size,
    stop() {
      stopped = true;
      for (const controller of open.keys()) controller.abort('stopping' satisfies TailEnd);
    },
  };
}
