import type { Call, Try } from '../gateway/call.ts';
import { dispatchedAt, downstreamMs, REFUSED_MS } from './times.ts';

/** `occurred_at` is a truncated second; the product takes its middle. */
const MIDDLE_MS = 500;

/** What the product can know of a call from the events that arrived. Times are epoch milliseconds. */
export interface Seen {
  readonly start: number;
  readonly end: number;
  /** Attempts whose event arrived. */
  readonly tries: readonly Try[];
  /** The one that says how it ended; undefined for refusals and cache hits. */
  readonly terminal: Try | undefined;
  readonly stream: boolean;
}

const middleOf = (epochMs: number) => Math.floor(epochMs / 1000) * 1000 + MIDDLE_MS;

/**
 * Reconstructs times as the assembler does: attempts back to back before the end of the last one, members of a panel
 * side by side.
 *
 * @param arrived Numbers of the events that arrived; all when undefined, never none.
 */
export function seenOf(call: Call, base: number, arrived: readonly number[] | undefined): Seen {
  if (call.tries.length === 0) {
    const end = middleOf(base + call.end);
    return {
      start: call.cacheHit ? end - REFUSED_MS : end,
      end,
      tries: call.tries,
      terminal: undefined,
      stream: false,
    };
  }
  const tries = arrived === undefined ? call.tries : arrived.map((number) => call.tries[number] as Try);
  const terminal = tries.at(-1) as Try;
  // Without the event that ended it, the last failure passes for the end.
  const whole = terminal === call.tries.at(-1);
  const end = middleOf(base + (whole ? call.end : dispatchedAt(call)));
  const placed = placedStart(tries, end);
  if (!whole || terminal.errorClass !== undefined) return { start: placed, end, tries, terminal, stream: false };
  const stream = call.ttftMs !== undefined;
  const guessed = stream ? end - terminal.tookMs + (call.ttftMs ?? 0) - downstreamMs(call) : end - downstreamMs(call);
  return { start: Math.min(guessed, placed), end, tries, terminal, stream };
}

function placedStart(tries: readonly Try[], end: number): number {
  let cursor = end;
  let longest = 0;
  for (const { kind, tookMs } of tries) {
    if (kind === 'panel') longest = Math.max(longest, tookMs);
    else cursor -= tookMs;
  }
  return cursor - longest;
}
