import type { FeedRef, GapObservation, Observe } from '../model/observation.ts';

export interface PollGapOptions {
  readonly feed: FeedRef;
  readonly environment?: string;
  readonly silentAfterMillis: number;
  readonly observe: Observe;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** A gap of which the end is not durable yet. */
export interface OpenGap {
  readonly from: number;
  readonly reason: string;
}

/** Says when a feed that is polled was silent for too long, and when it was heard again. */
export interface PollGap {
  /** What is known of it before the first poll of this process. */
  startFrom(heardAt: number, open?: OpenGap): void;
  /** After each poll; `reason` is the code of what went wrong. */
  heard(reason: string | undefined): void;
  /** Makes durable what was heard; until it is, the gap is still `open`. Never rejects. */
  tell(): Promise<void>;
  /** To be remembered over restarts, before it is told: a gap that nobody remembers has no end. */
  open(): OpenGap | undefined;
  silent(): { readonly silentSince?: number };
}

export function createPollGap({ feed, environment, silentAfterMillis, observe, now }: PollGapOptions): PollGap {
  let lastHeard: number | undefined;
  let open: OpenGap | undefined;
  let isOpeningTold = false;
  let endedAt: number | undefined;

  function observation({ from, reason }: OpenGap, to?: number): GapObservation {
    return {
      type: 'gap',
      observationId: `gap:${feed.name}:${from}${to === undefined ? '' : `:${to}`}`,
      feed,
      observedAt: now(),
      environment: environment ?? null,
      from,
      ...(to === undefined ? {} : { to }),
      reason,
    };
  }

  return {
    startFrom(heardAt, remembered) {
      lastHeard ??= heardAt;
      open ??= remembered;
    },
    heard(reason) {
      const at = now();
      // A clock that stepped back must not hide the silence until it is there again.
      lastHeard = Math.min(lastHeard ?? at, at);
      if (reason === undefined) {
        if (open !== undefined) endedAt ??= Math.max(at, open.from);
        lastHeard = at;
      } else if (at - lastHeard > silentAfterMillis) {
        // Silent again before the end could be told: then it has not ended for anybody who reads.
        endedAt = undefined;
        open ??= { from: lastHeard, reason };
      }
    },
    async tell() {
      if (open === undefined || (isOpeningTold && endedAt === undefined)) return;
      const opening = isOpeningTold ? [] : [observation(open)];
      const end = endedAt === undefined ? [] : [observation(open, endedAt)];
      try {
        await observe([...opening, ...end]);
      } catch {
        // The ledger may be what is away; told with the next poll.
        return;
      }
      isOpeningTold = end.length === 0;
      if (end.length > 0) open = endedAt = undefined;
    },
    open: () => open,
    silent: () => (open === undefined || endedAt !== undefined ? {} : { silentSince: open.from }),
  };
}
