import type { Call } from '../gateway/call.ts';
import type { SimulatedWindow } from '../simulateWindow.ts';

/** Name on the events of refused content. */
export const GUARDRAIL = 'words';

/** What a cache hit takes, as the gateway tells it in whole milliseconds. */
export const REFUSED_MS = 1;

export const requestIdOf = ({ seed, cell }: SimulatedWindow, index: number) =>
  `${cell.situation}-${cell.rate}-${seed}-${index}`;

/** Received to written, or to the first token where it was streamed; whole milliseconds. */
export function downstreamMs(call: Call): number {
  const last = call.tries.at(-1);
  const whole = call.end - call.start;
  if (call.ttftMs === undefined || last === undefined) return Math.floor(whole);
  return Math.floor(whole - last.tookMs + call.ttftMs);
}

/** When the failed attempts are told of: at the end, of a stream when its first token came. Milliseconds from the start. */
export function dispatchedAt(call: Call): number {
  const last = call.tries.at(-1);
  if (call.ttftMs === undefined || last === undefined) return call.end;
  return call.end - last.tookMs + call.ttftMs;
}
