import { ApiError } from '../errors.ts';
import { type ApiLimits, BUSY_RETRY_SECONDS } from '../limits.ts';

/** `light`: done in a blink. `heavy`: may take seconds and must not hold up the others. */
export type Lane = 'light' | 'heavy';

export interface LanesLimits
  extends Pick<ApiLimits, 'lightQueries' | 'heavyQueries' | 'waitingQueries' | 'waitingPerReader'> {}

/** Places for queries. Who does not get one at once waits; who would wait in too long a line is refused. */
export interface Lanes {
  /**
   * Resolves when a place is free, with the function that gives it back. Readers take turns, whoever has more waiting.
   *
   * @throws ApiError `too_many_queries`, or the signal's reason
   */
  enter(lane: Lane, reader: string, signal: AbortSignal): Promise<() => void>;
  /** How many run and wait now. */
  counts(): { readonly running: Readonly<Record<Lane, number>>; readonly waiting: number };
}

interface Waiter {
  readonly lane: Lane;
  readonly reader: string;
  readonly start: () => void;
}

export function createLanes(limits: LanesLimits): Lanes {
  const places: Readonly<Record<Lane, number>> = { light: limits.lightQueries, heavy: limits.heavyQueries };
  const running: Record<Lane, number> = { light: 0, heavy: 0 };
  /** By lane, then by reader in the order of their turns. */
  const lines: Readonly<Record<Lane, Map<string, Waiter[]>>> = { light: new Map(), heavy: new Map() };
  const waitingOf = new Map<string, number>();
  let waiting = 0;

  const leaveLine = (waiter: Waiter) => {
    const line = lines[waiter.lane].get(waiter.reader) ?? [];
    line.splice(line.indexOf(waiter), 1);
    if (line.length === 0) lines[waiter.lane].delete(waiter.reader);
    waiting -= 1;
    const left = (waitingOf.get(waiter.reader) ?? 1) - 1;
    if (left === 0) waitingOf.delete(waiter.reader);
    else waitingOf.set(waiter.reader, left);
  };

  const occupy = (lane: Lane): (() => void) => {
    running[lane] += 1;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      running[lane] -= 1;
      const [next] = lines[lane].entries();
      if (next === undefined) return;
      const [reader, line] = next;
      const [waiter] = line;
      if (waiter === undefined) return;
      leaveLine(waiter);
      // To the end of the readers: the next turn is somebody else's.
      const rest = lines[lane].get(reader);
      if (rest !== undefined) {
        lines[lane].delete(reader);
        lines[lane].set(reader, rest);
      }
      waiter.start();
    };
  };

  return {
    async enter(lane, reader, signal) {
      signal.throwIfAborted();
      if (running[lane] < places[lane]) return occupy(lane);
      if (waiting >= limits.waitingQueries) {
        throw busy(`${waiting} queries wait already`, 'ask again later, or for a shorter range');
      }
      const own = waitingOf.get(reader) ?? 0;
      if (own >= limits.waitingPerReader) {
        throw busy(`${own} queries of yours wait already`, 'send fewer queries at a time');
      }
      const { promise, resolve, reject } = Promise.withResolvers<() => void>();
      const waiter: Waiter = {
        lane,
        reader,
        start() {
          signal.removeEventListener('abort', onAbort);
          resolve(occupy(lane));
        },
      };
      const onAbort = () => {
        leaveLine(waiter);
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const line = lines[lane].get(reader);
      if (line === undefined) lines[lane].set(reader, [waiter]);
      else line.push(waiter);
      waiting += 1;
      waitingOf.set(reader, own + 1);
      return promise;
    },
    counts: () => ({ running: { ...running }, waiting }),
  };
}

const busy = (message: string, hint: string) => new ApiError('too_many_queries', message, hint, BUSY_RETRY_SECONDS);
