import { OTHER, OTHER_TOUCHED, SIBLING, SIBLING_TOUCHED, TREATED } from './control.ts';
import type { KnownChange } from './evidence.ts';
import { type Control, requestsOf } from './failures.ts';
import { poissonAtMost } from './likelihood.ts';
import type { Tally } from './tally.ts';

/** Fewer expected requests say nothing when they stay away. */
const LEAST_EXPECTED = 20;
const MOST_CLUSTERING = 10;
/** Everything that a change does not touch. */
const REST = [SIBLING, SIBLING_TOUCHED, OTHER, OTHER_TOUCHED];
/** That the rest stays away by chance, too, is less likely than this. */
const REST_BY_CHANCE = 0.01;

export interface VolumeTest {
  readonly seen: number;
  /** By the rate before and what the control did. */
  readonly expected: number;
  /** Probability that fewer than half stayed, beyond chance; 0 where half or more came. */
  readonly vanished: number;
}

/** How much the requests of the treated clustered before: variance of their counts by the mean. */
function volumeClustering({ totalByStep, steps }: Tally): number {
  const mean = totalByStep.reduce((sum, count) => sum + count, 0) / steps;
  if (mean === 0) return 1;
  const variance = totalByStep.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (steps - 1);
  return Math.min(MOST_CLUSTERING, Math.max(1, variance / mean));
}

/** Whether the rest of the traffic stayed away as well: a feed that died, and nobody's key. */
function isSilent(tally: Tally, look: number, times: number): boolean {
  const { before, after } = requestsOf(tally, REST, look);
  const expected = before * times;
  return after < expected / 2 && poissonAtMost(after, expected) < REST_BY_CHANCE;
}

/** Whether requests stayed away after a change: refusals of unknown callers leave no event. */
export function testVolume(tally: Tally, control: Control, look: number, afterMillis: number): VolumeTest {
  const own = requestsOf(tally, [TREATED], look);
  const rest = requestsOf(tally, control.categories, look);
  const times = afterMillis / Math.max(1, tally.beforeMillis);
  // What the rest does may excuse an absence; more of it makes none.
  const ratio = rest.before === 0 ? times : Math.min(times, rest.after / rest.before);
  const expected = isSilent(tally, look, times) ? 0 : own.before * ratio;
  if (expected < LEAST_EXPECTED || own.after >= expected / 2) return { seen: own.after, expected, vanished: 0 };
  const clustering = volumeClustering(tally);
  return {
    seen: own.after,
    expected,
    vanished: 1 - poissonAtMost(own.after / clustering, expected / clustering),
  };
}

/** Whether the configuration after a change leaves nothing to ask for: then an absence needs no further proof. */
export function isGone({ change, around }: KnownChange): boolean {
  const { kind, id } = change.resource;
  if (change.action === 'delete' || change.action === 'disable' || change.action === 'revoke') return true;
  const value = around.after.entry(kind, id)?.value;
  return value?.disabled === true || value?.enabled === false;
}
