import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLanes, type Lane, type LanesLimits } from './lanes.ts';

const LIMITS: LanesLimits = { lightQueries: 2, heavyQueries: 1, waitingQueries: 6, waitingPerReader: 4 };
const never = new AbortController().signal;
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('lanes', () => {
  it('let in as many as there are places, and heavy ones do not take those of light ones', async () => {
    const lanes = createLanes(LIMITS);
    await lanes.enter('heavy', 'a', never);
    await lanes.enter('light', 'a', never);
    await lanes.enter('light', 'a', never);
    const third = lanes.enter('light', 'a', never);
    const second = lanes.enter('heavy', 'a', never);
    await settle();
    expect(lanes.counts()).toEqual({ running: { light: 2, heavy: 1 }, waiting: 2 });
    await expect(Promise.race([third, second, Promise.resolve('waiting')])).resolves.toBe('waiting');
  });

  it('readers take turns, whoever has more waiting', async () => {
    const lanes = createLanes(LIMITS);
    const order: string[] = [];
    const leave = await lanes.enter('heavy', 'x', never);
    const wait = async (reader: string, name: string) => {
      const done = await lanes.enter('heavy', reader, never);
      order.push(name);
      done();
    };
    const all = [wait('a', 'a1'), wait('a', 'a2'), wait('a', 'a3'), wait('b', 'b1'), wait('b', 'b2')];
    leave();
    await Promise.all(all);
    expect(order).toEqual(['a1', 'b1', 'a2', 'b2', 'a3']);
  });

  it('refuse who would wait in too long a line, of all and of one reader, and say when to come back', async () => {
    const lanes = createLanes(LIMITS);
    await lanes.enter('heavy', 'x', never);
    const full = { code: 'too_many_queries', status: 429, retryAfterSeconds: 1 };
    for (let index = 0; index < 4; index += 1) lanes.enter('heavy', 'a', never);
    await expect(lanes.enter('heavy', 'a', never)).rejects.toMatchObject(full);
    for (let index = 0; index < 2; index += 1) lanes.enter('heavy', `b${index}`, never);
    await expect(lanes.enter('heavy', 'c', never)).rejects.toMatchObject(full);
    // The other lane has places, and nobody has to wait for them.
    await lanes.enter('light', 'a', never);
  });

  it('forget who gives up waiting, and let nobody in who has given up before', async () => {
    const lanes = createLanes(LIMITS);
    const leave = await lanes.enter('heavy', 'x', never);
    const controller = new AbortController();
    const waiting = lanes.enter('heavy', 'a', controller.signal);
    controller.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    expect(lanes.counts().waiting).toBe(0);
    await expect(lanes.enter('light', 'a', controller.signal)).rejects.toThrow('gone');
    leave();
    leave();
    expect(lanes.counts().running).toEqual({ light: 0, heavy: 0 });
  });

  it('whatever comes and goes: never more than places, never a place that is lost', async () => {
    const step = fc.record({
      lane: fc.constantFrom<Lane>('light', 'heavy'),
      reader: fc.constantFrom('a', 'b', 'c'),
      what: fc.constantFrom('enter', 'leave', 'give up'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const lanes = createLanes(LIMITS);
        const leaving: (() => void)[] = [];
        const waiting: AbortController[] = [];
        for (const { lane, reader, what } of steps) {
          if (what === 'enter') {
            const controller = new AbortController();
            waiting.push(controller);
            lanes.enter(lane, reader, controller.signal).then(
              (leave) => leaving.push(leave),
              () => {},
            );
          } else if (what === 'leave') leaving.shift()?.();
          else waiting.pop()?.abort();
          await settle();
          const { running, waiting: line } = lanes.counts();
          expect(running.light).toBeLessThanOrEqual(2);
          expect(running.heavy).toBeLessThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(6);
        }
        for (let round = 0; round < 100; round += 1) {
          for (const leave of leaving.splice(0)) leave();
          await settle();
        }
        expect(lanes.counts()).toEqual({ running: { light: 0, heavy: 0 }, waiting: 0 });
      }),
      { numRuns: 50 },
    );
  });
});
