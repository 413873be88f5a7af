import type { KnownChange } from './evidence.ts';
import type { Family } from './signatures.ts';
import { isGone } from './vanished.ts';

/** A time in force is not known better than this: truncated seconds, polls, work of the gateway. */
export const TOLERANCE_MILLIS = 2_000;
const MINUTE_MILLIS = 60_000;

/** Limits that hold for longer than the windows that are compared. */
const LONG_LIMITS = /(rph|rpd|tpd)$/;
const LONG_WINDOWS: ReadonlySet<unknown> = new Set(['hour', 'day']);
/** Sorts of trouble that hardly a caller and no outage brings about, so that a late start speaks for slow projection. */
const OF_CONFIGURATION: ReadonlySet<Family> = new Set<Family>([
  'provider_auth',
  'gateway_config',
  'provider_refusal',
  'forbidden',
  'caller_auth',
]);
/** Sorts of trouble that one caller can bring about, but not many at once. */
const OF_CALLERS: ReadonlySet<Family> = new Set<Family>(['guardrail', 'not_found', 'invalid_request']);

/** How long a change may take to show where nothing else brings that sort of trouble. */
export const DELAY_MILLIS = 5 * MINUTE_MILLIS;

/**
 * How long after a change its effect may begin without speaking against it, in milliseconds: a limit lets requests
 * through until it is used up.
 */
export function patienceOf({ change, around }: KnownChange, family: Family): number {
  if (family === 'budget') return Number.POSITIVE_INFINITY;
  if (family !== 'rate_limited') return TOLERANCE_MILLIS;
  const { kind, id } = change.resource;
  const value = around.after.entry(kind, id)?.value;
  const isLong = LONG_WINDOWS.has(value?.window) || change.paths.some(({ path }) => LONG_LIMITS.test(path));
  // Demand comes and goes: the first minute that is over the limit need not be the first one, and it is used up late in it.
  return isLong ? Number.POSITIVE_INFINITY : DELAY_MILLIS + MINUTE_MILLIS;
}

/** Whether nothing but configuration brings that sort of trouble about, as a rule. */
export const isOfConfiguration = (family: Family): boolean => OF_CONFIGURATION.has(family);

/** Whether a late start may be projection that took its time. */
export function mayBeDelayed(known: KnownChange, family: Family, callers: number, largestCallerShare: number): boolean {
  if (OF_CONFIGURATION.has(family)) return true;
  // Nobody can fail to find what is still there.
  if (family === 'not_found' && isGone(known)) return true;
  return OF_CALLERS.has(family) && callers >= 3 && largestCallerShare < 0.7;
}
