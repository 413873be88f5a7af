import { valueHash } from '../model/canonicalJson.ts';
import type { FeedRef, GapObservation } from '../model/observation.ts';

/** What a feed remembers over restarts of when it was heard. */
export interface SilenceState {
  /** Epoch milliseconds; of a feed that was never heard, when it began to listen. */
  readonly heardAt: number;
  /** A gap that was told and is not ended. */
  readonly open?: { readonly from: number; readonly reason: string };
}

export interface SilenceOptions {
  readonly feed: FeedRef;
  readonly environment: string | null;
  readonly dataPlane?: string;
  /** So long nothing may be heard before it is called a gap, milliseconds. */
  readonly silentAfterMillis: number;
  readonly remembered?: SilenceState | undefined;
  /** When this process began to listen, epoch milliseconds. */
  readonly startedAt: number;
}

/** Notices that a feed was not heard when it should have been, also because nobody listened. Pure but for its memory. */
export interface Silence {
  /** The feed was heard. Returns the gaps that ended by it. */
  heard(at: number): GapObservation[];
  /** The feed could not be heard. `lasting`: waiting does not mend it, so it is a gap at once. */
  missed(at: number, reason: string, lasting?: boolean): GapObservation[];
  state(): SilenceState;
  /** Whether a gap is open, or will have been one when the feed is heard. */
  isOpen(at: number): boolean;
}

/** Reason of a gap during which no process listened. */
export const NOT_RUNNING = 'not_running';

export function createSilence(options: SilenceOptions): Silence {
  const { feed, environment, dataPlane, silentAfterMillis, remembered, startedAt } = options;
  let heardAt = remembered?.heardAt ?? startedAt;
  let open = remembered?.open;
  /** Whether the time since `heardAt` began before this process did. */
  let wasAway = remembered !== undefined;

  function gap(at: number, from: number, reason: string, to?: number): GapObservation {
    return {
      type: 'gap',
      observationId: valueHash(['gap', feed.type, feed.name, environment, dataPlane ?? null, from, to ?? null]),
      feed,
      observedAt: at,
      environment,
      ...(dataPlane === undefined ? {} : { dataPlane }),
      from,
      ...(to === undefined ? {} : { to }),
      reason,
    };
  }

  const isTooLong = (at: number) => at - heardAt > silentAfterMillis;
  /** A clock that stepped back must not hide a silence until it is there again. */
  const notAfter = (at: number) => {
    heardAt = Math.min(heardAt, at);
  };

  return {
    heard(at) {
      const ended: GapObservation[] = [];
      if (open !== undefined) ended.push(gap(at, open.from, open.reason, Math.max(at, open.from)));
      else if (wasAway && isTooLong(at)) ended.push(gap(at, heardAt, NOT_RUNNING, at));
      open = undefined;
      wasAway = false;
      heardAt = at;
      return ended;
    },
    missed(at, reason, lasting = false) {
      notAfter(at);
      if (open !== undefined || !(lasting || isTooLong(at))) return [];
      open = { from: heardAt, reason: wasAway && isTooLong(startedAt) ? NOT_RUNNING : reason };
      return [gap(at, open.from, open.reason)];
    },
    state: () => ({ heardAt, ...(open === undefined ? {} : { open }) }),
    isOpen: (at) => open !== undefined || (wasAway && isTooLong(at)),
  };
}
