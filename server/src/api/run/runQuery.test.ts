import { type Labels, type Recorder, silentRecorder } from '@aisix-observability/pipeline';
import { describe, expect, it } from 'vitest';
import { createLanes } from './lanes.ts';
import { type Asked, createQueryRunner } from './runQuery.ts';

const HOUR = 3_600_000;

function rig(timeoutMillis = HOUR) {
  const counted: Labels[] = [];
  const recorder: Recorder = {
    ...silentRecorder,
    count: (name, _value, labels = {}) => {
      if (name === 'aisix_queries') counted.push(labels);
    },
  };
  const lanes = createLanes({ lightQueries: 1, heavyQueries: 1, waitingQueries: 1, waitingPerReader: 1 });
  const stopping = new AbortController();
  const run = createQueryRunner({ lanes, timeoutMillis, stopping: stopping.signal, recorder, monotonic: () => 0 });
  const client = new AbortController();
  const asked: Asked = { name: 'search', lane: 'light', reader: 'a', client: client.signal };
  return { run, lanes, stopping, client, asked, counted };
}

/** A store that works until it is told to stop, and then takes its time to let go. */
function slowWork() {
  const letGo = Promise.withResolvers<void>();
  const started = Promise.withResolvers<AbortSignal>();
  const work = async (signal: AbortSignal): Promise<never> => {
    started.resolve(signal);
    await letGo.promise;
    throw new Error('interrupted, in the words of the engine');
  };
  return { work, started: started.promise, letGo: letGo.resolve };
}

describe('running a query', () => {
  it('answers, gives the place back, and counts', async () => {
    const { run, lanes, asked, counted } = rig();
    await expect(run(asked, async () => 5)).resolves.toBe(5);
    await expect(
      run(asked, () => {
        throw new Error('at once');
      }),
    ).rejects.toThrow('at once');
    expect(lanes.counts().running.light).toBe(0);
    expect(counted.map(({ result }) => result)).toEqual(['ok', 'error']);
  });

  it('a client that goes away cancels its query; the place is free when the store has let go', async () => {
    const { run, lanes, asked, client, counted } = rig();
    const slow = slowWork();
    const running = run(asked, slow.work);
    const signal = await slow.started;
    client.abort();
    await expect(running).rejects.toMatchObject({ code: 'client_gone' });
    expect(signal.aborted).toBe(true);
    expect(lanes.counts().running.light).toBe(1);
    slow.letGo();
    await expect.poll(() => lanes.counts().running.light).toBe(0);
    expect(counted).toEqual([{ query: 'search', lane: 'light', result: 'client_gone' }]);
  });

  it('ends when its time is up, also while it waits', async () => {
    const { run, asked, lanes } = rig(20);
    const slow = slowWork();
    const running = run(asked, slow.work);
    const waiting = run(asked, async () => 1);
    const late = { code: 'query_timeout', status: 504 };
    await Promise.all([expect(running).rejects.toMatchObject(late), expect(waiting).rejects.toMatchObject(late)]);
    expect(lanes.counts().waiting).toBe(0);
    slow.letGo();
  });

  it('ends when the server stops, and nothing begins after', async () => {
    const { run, asked, stopping } = rig();
    const slow = slowWork();
    const running = run(asked, slow.work);
    await slow.started;
    stopping.abort();
    await expect(running).rejects.toMatchObject({ code: 'stopping', status: 503 });
    slow.letGo();
    let begun = false;
    const later = run({ ...asked, lane: 'heavy' }, async () => {
      begun = true;
    });
    await expect(later).rejects.toMatchObject({ code: 'stopping' });
    expect(begun).toBe(false);
  });
});
