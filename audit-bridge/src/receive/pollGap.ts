import type { FeedRef, GapObservation, Observe } from '../model/observation.ts';

export interface PollGapOptions {
  readonly feed: FeedRef;
  readonly environment?: string;
  readonly silentAfterMillis: number;
  readonly observe: Observe;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Says when a feed that is polled was silent for too long, and when it was heard again. */
export interface PollGap {
  /** When it was last heard, before the first poll of this process. */
  startFrom(at: number): void;
  /** After each poll; `reason` is the code of what went wrong. Never rejects. */
  heard(reason: string | undefined): Promise<void>;
  silent(): { readonly silentSince?: number };
}

export function createPollGap({ feed, environment, silentAfterMillis, observe, now }: PollGapOptions): PollGap {
  let lastHeard: number | undefined;
  let open: { readonly from: number; readonly reason: string } | undefined;
  /** Not durable yet: the ledger may be what is away. */
  let untold: GapObservation[] = [];

  function observation(from: number, reason: string, to?: number): GapObservation {
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
    startFrom(at) {
      lastHeard ??= at;
    },
    async heard(reason) {
      lastHeard ??= now();
      if (reason === undefined) {
        if (open !== undefined) untold.push(observation(open.from, open.reason, now()));
        open = undefined;
        lastHeard = now();
      } else if (open === undefined && now() - lastHeard > silentAfterMillis) {
        open = { from: lastHeard, reason };
        untold.push(observation(lastHeard, reason));
      }
      if (untold.length === 0) return;
      try {
        await observe(untold);
        untold = [];
      } catch {
        // Told with the next poll; at most one opening and one end can wait, since a gap opens once.
        untold = untold.slice(-2);
      }
    },
    silent: () => (open === undefined ? {} : { silentSince: open.from }),
  };
}
