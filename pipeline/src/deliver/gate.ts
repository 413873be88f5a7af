import type { Clock } from './clock.ts';

export type GateState = 'open' | 'retrying' | 'blocked';

/** Leave to send one request, to be handed back with what came of it. */
export interface Ticket {
  readonly generation: number;
}

/**
 * One gate per destination, before every request. While the backend is in trouble, a single request at a time tries
 * again instead of all that are in flight; who failed goes to the back of the line, so that one request that always
 * fails does not keep the others from passing.
 */
export interface Gate {
  /** Waits for leave to send; undefined when the gate was closed for good, or the signal fired, before that. */
  enter(signal: AbortSignal): Promise<Ticket | undefined>;
  /** The backend answered for itself. */
  passed(ticket: Ticket): void;
  /** The backend is in trouble: nothing is sent for so long. A ticket from before the last trouble only prolongs. */
  failed(ticket: Ticket, state: 'retrying' | 'blocked', wait: (failuresInARow: number) => number): void;
  /** The request was called off without an answer. */
  abandoned(ticket: Ticket): void;
  /** No more waiting: who waits, or would have to, gets nothing. */
  shut(): void;
  readonly state: GateState;
  /** When the next try is due, unless open. */
  readonly nextTryAt: number | undefined;
}

interface Waiter {
  readonly admit: (ticket: Ticket | undefined) => void;
}

export function createGate(clock: Clock): Gate {
  let state: GateState = 'open';
  let generation = 0;
  let failures = 0;
  let until = 0;
  /** The wait is over. Kept beside `until`, which is for show: a clock that is put back must not prolong a wait. */
  let due = false;
  let probing = false;
  let isShut = false;
  let cancelTimer: (() => void) | undefined;
  const waiters = new Set<Waiter>();

  const admitNext = () => {
    const [first] = waiters;
    if (first === undefined || probing) return;
    probing = true;
    first.admit({ generation });
  };

  const arm = () => {
    cancelTimer?.();
    due = false;
    cancelTimer = clock.after(Math.max(until - clock.now(), 0), () => {
      due = true;
      admitNext();
    });
  };

  return {
    enter(signal) {
      if (signal.aborted) return Promise.resolve(undefined);
      if (state === 'open') return Promise.resolve({ generation });
      if (isShut) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        const onAbort = () => waiter.admit(undefined);
        const waiter: Waiter = {
          admit(ticket) {
            waiters.delete(waiter);
            signal.removeEventListener('abort', onAbort);
            resolve(ticket);
          },
        };
        waiters.add(waiter);
        signal.addEventListener('abort', onAbort, { once: true });
        if (due) admitNext();
      });
    },
    passed(ticket) {
      if (ticket.generation !== generation || state === 'open') return;
      state = 'open';
      failures = 0;
      probing = false;
      for (const waiter of [...waiters]) waiter.admit({ generation });
    },
    failed(ticket, next, wait) {
      const fresh = ticket.generation === generation;
      if (fresh) {
        failures += 1;
        generation += 1;
        state = next;
        probing = false;
      }
      const proposed = clock.now() + wait(failures);
      until = fresh ? proposed : Math.max(until, proposed);
      if (isShut) for (const waiter of [...waiters]) waiter.admit(undefined);
      else arm();
    },
    abandoned(ticket) {
      if (ticket.generation !== generation || state === 'open') return;
      probing = false;
      if (due) admitNext();
    },
    shut() {
      isShut = true;
      cancelTimer?.();
      for (const waiter of [...waiters]) waiter.admit(undefined);
    },
    get state() {
      return state;
    },
    get nextTryAt() {
      return state === 'open' ? undefined : until;
    },
  };
}
