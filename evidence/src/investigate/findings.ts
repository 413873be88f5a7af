import { TREATED } from './control.ts';
import { echoes } from './echo.ts';
import type { Measured } from './measured.ts';
import { type Onset, onsetOf, PERFECT_ONSET } from './onset.ts';
import { DELAY_MILLIS, mayBeDelayed, patienceOf } from './patience.ts';
import { eachNear, sequenceOf } from './rows.ts';
import type { Sight } from './sight.ts';
import type { Span } from './spans.ts';

/** The onset is late when so many well requests would come by chance once in a thousand (ln 1000). */
const MOST_LATE = 6.9;
/** Another moment explains it better by this much (nats). */
const MOST_ELSEWHERE = 5;

/** When the moved indicator began to move, held against the time in force. */
export function onsetFor(
  { evidence, known, tally, looks }: Sight,
  measured: Measured,
  spans: readonly Span[],
  look: number,
  worse: boolean,
  patience = patienceOf(known, measured.family),
): Onset {
  if (measured.kind === 'vanished') return PERFECT_ONSET;
  const isBad = worse ? measured.isBad : inverted(measured.isBad);
  const sequence = sequenceOf(evidence, known, tally, spans, looks[look] ?? 0, isBad);
  return onsetOf(sequence, measured.clustering, patience);
}

function inverted(isBad: Measured['isBad']): Measured['isBad'] {
  return (near) => {
    const answer = isBad(near);
    return answer === undefined ? undefined : !answer;
  };
}

export function fits({ late, elsewhere }: Onset): boolean {
  return elsewhere <= MOST_ELSEWHERE && late <= MOST_LATE;
}

/** Callers among the bad ones after the change: how many, and the share of the largest. */
function callersOf({ evidence, known, tally, looks }: Sight, measured: Measured, look: number) {
  const counts = new Map<string, number>();
  let all = 0;
  eachNear(evidence, known, tally, [], looks[look] ?? 0, (near) => {
    if (near.category !== TREATED || measured.isBad(near) !== true) return;
    const { shape } = evidence.combinations[near.combination] ?? {};
    const caller = shape?.apiKeyId ?? shape?.apiKeyName ?? '';
    counts.set(caller, (counts.get(caller) ?? 0) + 1);
    all++;
  });
  return { callers: counts.size, largest: all === 0 ? 1 : Math.max(...counts.values()) / all };
}

/**
 * The onset with the patience that projection may need, where failures bear the mark of the change or nothing else brings such
 * trouble about; undefined where there is no such patience.
 */
export function delayedOnsetFor(
  sight: Sight,
  measured: Measured,
  spans: readonly Span[],
  look: number,
  isMarked: boolean,
): Onset | undefined {
  if (isMarked) return onsetFor(sight, measured, spans, look, true, DELAY_MILLIS);
  const { callers, largest } = callersOf(sight, measured, look);
  if (!mayBeDelayed(sight.known, measured.family, callers, largest)) return undefined;
  return onsetFor(sight, measured, spans, look, true, DELAY_MILLIS);
}

/** Most of the messages have to quote it. */
const ECHO_SHARE = 0.8;

/** A message of the moved failures that quotes the new value; undefined when most do not, or some did before. */
export function echoFor(
  { evidence, known, tally, looks, before }: Sight,
  measured: Measured,
  look: number,
): string | undefined {
  if (measured.signature === undefined || known.change.paths.length === 0) return undefined;
  const { message, messages } = evidence.window;
  const told = new Map<number, boolean>();
  let [quoting, all, quotedBefore] = [0, 0, 0];
  let example: string | undefined;
  eachNear(evidence, known, tally, before.spans, looks[look] ?? 0, (near) => {
    if (near.category !== TREATED || measured.isBad(near) !== true) return;
    const number = message[near.row] ?? -1;
    if (number < 0) return;
    const text = messages[number] ?? '';
    const quotes = told.get(number) ?? echoes(known.change, text);
    told.set(number, quotes);
    if (near.since < 0) {
      quotedBefore += quotes ? 1 : 0;
      return;
    }
    all++;
    if (!quotes) return;
    quoting++;
    example ??= text;
  });
  return quotedBefore === 0 && all > 0 && quoting / all >= ECHO_SHARE ? example : undefined;
}
