import type { Attempt, GatewayRequest } from '../model/request.ts';

/** What a version of a request rests on. */
export interface Grounds {
  readonly isFinal: boolean;
  /** Its attempts and its feeds, each as one text. */
  readonly facts: readonly string[];
}

interface Known extends Pick<GatewayRequest, 'feeds' | 'state'> {
  readonly attempts: readonly Pick<Attempt, 'index' | 'kind'>[];
}

export function groundsOf({ state, attempts, feeds }: Known): Grounds {
  return {
    isFinal: state === 'final',
    facts: [...attempts.map(({ index, kind }) => `attempt ${index} ${kind}`), ...feeds.map((feed) => `feed ${feed}`)],
  };
}

/**
 * Whether a version was made by somebody who may have forgotten what was known of its request: it is the first of its
 * kind, and the request started before anything that its maker still remembers.
 */
export function mayForget(
  { revision, startTime }: Pick<GatewayRequest, 'revision' | 'startTime'>,
  knownFrom: number | undefined,
): boolean {
  return knownFrom !== undefined && revision === 0 && startTime < knownFrom;
}

/** Whether replacing `held` by `given` would lose an attempt, a feed, or that the request is over. */
export function wouldForget(held: Grounds, given: Grounds): boolean {
  if (!held.isFinal) return false;
  return !given.isFinal || held.facts.some((fact) => !given.facts.includes(fact));
}
