import { type Recorder, silentLog } from '@aisix-observability/pipeline';
import { describe, expect, it } from 'vitest';
import { startLoader } from './loader.ts';

/** A stream of requests whose payloads say their position, and a store that remembers what it was given. */
function rig({ held = [1, 0] as [first: number, last: number], position = 0, failures = 0 } = {}) {
  let [firstSeq, lastSeq] = held;
  const counted = new Map<string, number>();
  const recorder: Recorder = {
    count: (name, by) => void counted.set(name, (counted.get(name) ?? 0) + by),
    gauge() {},
    observe() {},
  };
  const warnings: string[] = [];
  const applied: number[] = [];
  const memories: (number | undefined)[] = [];
  const places: number[] = [];
  let refusals = failures;
  const loader = startLoader({
    requests: {
      read: (after, { rows }) =>
        Array.from({ length: lastSeq }, (_, index) => index + 1)
          .filter((seq) => seq > after && seq >= firstSeq)
          .slice(0, rows)
          .map((seq) => ({ seq, at: seq, payload: `{"n":${seq}}` })),
      stats: () => ({ rows: lastSeq - firstSeq + 1, bytes: 0, firstSeq, lastSeq, oldestAt: firstSeq }),
    },
    store: {
      async apply(versions, to) {
        if (refusals > 0) {
          refusals -= 1;
          throw new Error('no space left');
        }
        applied.push(...versions.map(({ seq }) => seq));
        memories.push(...versions.map(({ knownFrom }) => knownFrom));
        places.push(to);
      },
      position: () => position,
    },
    recorder,
    log: (level, message) => (level === 'info' ? silentLog(level, message) : void warnings.push(message)),
    onApplied() {},
    pause: () => new Promise((resolve) => setImmediate(resolve)),
  });
  if (lastSeq > 0) loader.wake(lastSeq);
  return {
    loader,
    applied,
    memories,
    places,
    counted,
    warnings,
    append(to: number, durable = to) {
      lastSeq = to;
      loader.wake(durable);
    },
    trim(to: number) {
      firstSeq = to + 1;
    },
  };
}

const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('loading the store', () => {
  it('goes on where the store stands, and with what comes later', async () => {
    const { loader, applied, append } = rig({ held: [1, 7], position: 3 });
    await expect.poll(() => applied).toEqual(upTo(4, 7));
    append(9);
    await expect.poll(() => applied).toEqual(upTo(4, 9));
    expect(loader.behind()).toBe(0);
    await loader.close();
  });

  it('is woken while it works and misses nothing', async () => {
    const { loader, applied, append } = rig();
    for (let to = 1; to <= 50; to += 1) {
      append(to);
      if (to % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => applied).toEqual(upTo(1, 50));
    await loader.close();
  });

  it('leaves what a power failure could still take back', async () => {
    const { loader, applied, append } = rig({ held: [1, 4] });
    await expect.poll(() => applied).toEqual(upTo(1, 4));
    append(9, 6);
    await expect.poll(() => applied).toEqual(upTo(1, 6));
    await loader.close();
    expect(applied).toEqual(upTo(1, 6));
  });

  it('tries again when the store refuses, and loads each row once', async () => {
    const { loader, applied, counted, warnings } = rig({ held: [1, 5], failures: 3 });
    await expect.poll(() => applied).toEqual(upTo(1, 5));
    expect(counted.get('aisix_store_apply_failures')).toBe(3);
    expect(warnings).toHaveLength(1);
    await loader.close();
  });

  it('loads what is there when it is closed', async () => {
    const { loader, applied, append } = rig();
    append(4);
    await loader.close();
    expect(applied).toEqual(upTo(1, 4));
  });

  it('reads everything when its place lies beyond the stream, and says so', async () => {
    const { loader, applied, warnings } = rig({ held: [1, 3], position: 90 });
    await expect.poll(() => applied).toEqual(upTo(1, 3));
    expect(warnings).toHaveLength(1);
    await loader.close();
  });

  it('counts what was trimmed before it was read', async () => {
    const { loader, applied, memories, counted, warnings } = rig({ held: [6, 8], position: 2 });
    await expect.poll(() => applied).toEqual(upTo(6, 8));
    // Whoever made these versions knew nothing that was trimmed.
    expect(memories).toEqual([6, 6, 6]);
    expect(counted.get('aisix_store_rows_missed')).toBe(3);
    expect(warnings).toHaveLength(1);
    await loader.close();
  });
});
