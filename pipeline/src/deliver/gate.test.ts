import { describe, expect, it } from 'vitest';
import { createGate, type Ticket } from './gate.ts';
import { createManualClock } from './testing/manualClock.ts';

const never = new AbortController().signal;

function rig() {
  const clock = createManualClock();
  const gate = createGate(clock);
  const admitted: string[] = [];
  const enter = (name: string, signal: AbortSignal = never): Promise<Ticket | undefined> =>
    gate.enter(signal).then((ticket) => {
      admitted.push(ticket === undefined ? `${name} refused` : name);
      return ticket;
    });
  const mustEnter = async (name: string): Promise<Ticket> => {
    const ticket = await enter(name);
    if (ticket === undefined) throw new Error('refused');
    return ticket;
  };
  return { clock, gate, admitted, enter, mustEnter };
}

describe('the gate of a destination', () => {
  it('is open until something fails, then lets one at a time try, whoever waited longest', async () => {
    const { clock, gate, admitted, enter, mustEnter } = rig();
    const first = await mustEnter('a');
    gate.failed(first, 'retrying', () => 100);
    const waits = ['a', 'b', 'c'].map((name) => enter(name));
    await clock.advance(99);
    expect(admitted).toEqual(['a']);
    await clock.advance(1);
    expect(admitted).toEqual(['a', 'a']);
    await clock.advance(1_000);
    expect(admitted).toHaveLength(2);
    gate.failed((await waits[0]) as Ticket, 'retrying', () => 100);
    void enter('a');
    await clock.advance(100);
    expect(admitted.at(-1)).toBe('b');
    gate.passed((await waits[1]) as Ticket);
    await clock.settle();
    expect(admitted.slice(-2).sort()).toEqual(['a', 'c']);
    expect(gate.state).toBe('open');
    expect(gate.nextTryAt).toBeUndefined();
  });

  it('waits no longer because the clock was put back', async () => {
    const clock = createManualClock();
    let putBack = 0;
    const gate = createGate({ ...clock, now: () => clock.now() - putBack });
    const first = await gate.enter(never);
    gate.failed(first as Ticket, 'retrying', () => 100);
    putBack = 3_600_000;
    const tickets: (Ticket | undefined)[] = [];
    void gate.enter(never).then((ticket) => tickets.push(ticket));
    await clock.advance(100);
    expect(tickets).toHaveLength(1);
    // Who comes later, when nobody waited at the end of the wait, is let in as well.
    gate.failed(tickets[0] as Ticket, 'retrying', () => 100);
    await clock.advance(100);
    expect(await gate.enter(never)).toBeDefined();
  });

  it('counts one trouble once, however many requests were under way', async () => {
    const { clock, gate, mustEnter } = rig();
    const tickets = [await mustEnter('a'), await mustEnter('b'), await mustEnter('c')];
    const failures: number[] = [];
    for (const [index, ticket] of tickets.entries()) {
      gate.failed(ticket, 'retrying', (inARow) => {
        failures.push(inARow);
        return 300 - 100 * index;
      });
    }
    expect(failures).toEqual([1, 1, 1]);
    // The longest wait that was asked for holds.
    expect(gate.nextTryAt).toBe(clock.now() + 300);
  });

  it('is not opened by an answer to a request that left before the trouble', async () => {
    const { clock, gate, enter, mustEnter } = rig();
    const early = await mustEnter('early');
    gate.failed(await mustEnter('a'), 'blocked', () => 1_000);
    gate.passed(early);
    expect(gate.state).toBe('blocked');
    const waiting = enter('b');
    await clock.advance(1_000);
    gate.passed((await waiting) as Ticket);
    expect(gate.state).toBe('open');
    // Nor shut again by one.
    gate.failed(early, 'retrying', () => 5_000);
    expect(gate.state).toBe('open');
  });

  it('gives the try of a request that was called off to the next', async () => {
    const { clock, gate, admitted, enter, mustEnter } = rig();
    gate.failed(await mustEnter('a'), 'retrying', () => 100);
    const controller = new AbortController();
    const gone = enter('gone', controller.signal);
    const probe = enter('probe');
    void enter('next');
    controller.abort();
    expect(await gone).toBeUndefined();
    await clock.advance(100);
    gate.abandoned((await probe) as Ticket);
    await clock.settle();
    expect(admitted).toEqual(['a', 'gone refused', 'probe', 'next']);
  });

  it('lets nobody wait once it is shut, but who is on the way in goes on', async () => {
    const { clock, gate, enter, mustEnter } = rig();
    const ticket = await mustEnter('a');
    gate.shut();
    expect(await enter('b')).toBeDefined();
    gate.failed(ticket, 'retrying', () => 100);
    expect(await enter('c')).toBeUndefined();
    expect(clock.timers).toBe(0);
  });
});
