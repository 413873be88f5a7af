import type { AttemptEvent } from './events.ts';

/** Times of one request and of its attempts; all epoch milliseconds with fractions. */
export interface Times {
  readonly measured: boolean;
  readonly start: number;
  readonly end: number;
  readonly attempts: ReadonlyMap<AttemptEvent, readonly [number, number]>;
}

/**
 * `occurred_at` is the second in which the event was written, truncated; the middle of that second is the unbiased
 * guess of the true end (measured: 1 ms to 1002 ms after it, median 516 ms).
 */
export const MIDDLE_OF_SECOND_MILLIS = 500;

interface ServerTimes {
  readonly startTime: number;
  readonly endTime: number;
}

/**
 * Places a request and its attempts in time.
 *
 * Spans give true times. Where there is none, the end is guessed from the terminal event's second and the attempts are
 * laid back to back before it, each with its own latency; members of a panel run side by side before the judge.
 *
 * @param latestEvent Latest event time of all evidence, for a request of which nothing else is known.
 */
export function placeInTime(
  events: readonly AttemptEvent[],
  terminal: AttemptEvent | undefined,
  server: ServerTimes | undefined,
  latestEvent: number,
): Times {
  const end = server?.endTime ?? guessedEnd(terminal, latestEvent);
  const attempts = placeAttempts(events, terminal, end, server);
  if (server !== undefined) return { measured: true, start: server.startTime, end: server.endTime, attempts };
  let start = Math.min(end, guessedStart(terminal, attempts, end));
  let last = end;
  for (const [from, to] of attempts.values()) {
    start = Math.min(start, from);
    last = Math.max(last, to);
  }
  return { measured: false, start, end: last, attempts };
}

function guessedEnd(terminal: AttemptEvent | undefined, latestEvent: number): number {
  const span = terminal?.span ?? terminal?.carrier;
  if (span !== undefined) return span.endTime;
  if (terminal?.usage !== undefined) return terminal.usage.occurredAt + MIDDLE_OF_SECOND_MILLIS;
  return latestEvent;
}

function guessedStart(terminal: AttemptEvent | undefined, attempts: Times['attempts'], end: number): number {
  const told = terminal?.usage ?? terminal?.span ?? terminal?.carrier;
  const downstream = told?.downstreamLatencyMs;
  if (terminal === undefined || downstream === undefined) {
    const handler = terminal !== undefined && !terminal.isAttempt ? latencyOf(terminal) : 0;
    return end - handler;
  }
  const ttft = told?.upstreamTtftMs;
  const placed = attempts.get(terminal);
  // For a stream the gateway measures until the first token was forwarded, not until the end.
  if (ttft !== undefined && placed !== undefined && terminal.usage?.inboundProtocol !== 'a2a') {
    return placed[0] + ttft - downstream;
  }
  return end - downstream;
}

function placeAttempts(
  events: readonly AttemptEvent[],
  terminal: AttemptEvent | undefined,
  end: number,
  server: ServerTimes | undefined,
): Map<AttemptEvent, readonly [number, number]> {
  const placed = new Map<AttemptEvent, readonly [number, number]>();
  const tried = events.filter((event) => event.isAttempt);
  const panel = tried.filter((event) => event.kind === 'panel');
  const inLine = tried.filter((event) => event.kind !== 'panel');
  const within = ([from, to]: readonly [number, number]): readonly [number, number] => {
    if (server === undefined) return [from, to];
    const clampedEnd = Math.min(Math.max(to, server.startTime), server.endTime);
    return [Math.min(Math.max(from, server.startTime), clampedEnd), clampedEnd];
  };

  let cursor = end;
  for (const event of inLine.toReversed()) {
    if (event.span !== undefined) {
      placed.set(event, [event.span.startTime, event.span.endTime]);
      cursor = Math.min(cursor, event.span.startTime);
      continue;
    }
    // A failed attempt that is known to have ended before a later one started ends where that one starts.
    const to = event === terminal ? end : cursor;
    const times = within([to - latencyOf(event), to]);
    placed.set(event, times);
    cursor = Math.min(cursor, times[0]);
  }

  const unplaced = panel.filter((event) => event.span === undefined);
  for (const event of panel) {
    if (event.span !== undefined) placed.set(event, [event.span.startTime, event.span.endTime]);
  }
  const longest = Math.max(0, ...unplaced.map(latencyOf));
  for (const event of unplaced) {
    const from = cursor - longest;
    placed.set(event, within([from, from + latencyOf(event)]));
  }
  return placed;
}

const latencyOf = (event: AttemptEvent) => event.usage?.upstreamLatencyMs ?? 0;
