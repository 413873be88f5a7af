import type { AttemptEvent } from './events.ts';

/** The event that says how the request ended, and whether a later one could still take its place. */
export interface Terminal {
  readonly event: AttemptEvent;
  /** False while a winner may still come: all attempts so far failed, or only panel members are known. */
  readonly certain: boolean;
}

/** Classes that the gateway writes only on the single event of a request (facts A.4, vocabulary 2). */
const SINGLE_EVENT_CLASSES = new Set([
  'upstream_error',
  'upstream_decode_error',
  'upstream_in_band_error',
  'config_error',
  'authentication_error',
  'transport_error',
]);

/**
 * Finds the terminal event (facts A.5); the gateway does not flag it.
 *
 * @param events In order of attempt number.
 */
export function terminalOf(events: readonly AttemptEvent[]): Terminal | undefined {
  const blockedAfterEnsemble = events.some((event) => event.kind === 'judge')
    ? events.findLast((event) => event.blocked && event.kind !== 'judge' && event.kind !== 'panel')
    : undefined;
  if (blockedAfterEnsemble !== undefined) return { event: blockedAfterEnsemble, certain: true };

  const ended = events.findLast((event) => event.kind !== 'panel' && endedWell(event));
  if (ended !== undefined) return { event: ended, certain: true };

  const blocked = events.findLast((event) => event.blocked && event.kind !== 'panel');
  if (blocked !== undefined) return { event: blocked, certain: true };

  const last = events.at(-1);
  if (last === undefined) return undefined;
  return { event: last, certain: last.kind !== 'panel' && isItsOnlyEvent(last) };
}

/** Answered, or left by the caller. */
function endedWell(event: AttemptEvent): boolean {
  if (event.errorClass !== undefined || event.status === undefined) return false;
  return event.status === 499 || (event.status >= 200 && event.status < 300);
}

/** A refusal before any attempt, or the failure of an endpoint that tries once and writes no kind. */
function isItsOnlyEvent(event: AttemptEvent): boolean {
  if (!event.isAttempt) return true;
  return event.kindOnWire === undefined && event.errorClass !== undefined && SINGLE_EVENT_CLASSES.has(event.errorClass);
}
