import type { Random } from '../../gateway/random.ts';
import { between } from '../draw.ts';
import type { Call } from '../gateway/call.ts';
import { DELIVERY } from '../parameters.ts';

/** What became of the events on their way. */
export interface Delivered {
  /** Milliseconds from the window's start at which the last event of each call arrived. */
  readonly arrivedAt: Float64Array;
  /** By call: numbers of the events that arrived, where some did not; none of them for an empty list. */
  readonly partly: ReadonlyMap<number, readonly number[]>;
  /** Milliseconds from the window's start; nothing that ended then arrived. */
  readonly gap?: readonly [number, number];
}

/** Events that the gateway writes for a call. */
export function eventsOf(call: Call): number {
  return Math.max(1, call.tries.length);
}

/** Draws what is lost and what is late. */
export function deliver(calls: readonly Call[], random: Random, lossy: boolean, around: number): Delivered {
  const { lossy: harsh } = DELIVERY;
  const arrivedAt = new Float64Array(calls.length);
  const partly = new Map<number, readonly number[]>();
  const begun = around + (random.next() - 0.5) * 600_000;
  const gap = lossy ? ([begun, begun + between(random, harsh.gapMs)] as const) : undefined;
  const lost = lossy ? harsh.lostEvent : DELIVERY.lostEvent;
  for (let index = 0; index < calls.length; index++) {
    const call = calls[index] as Call;
    const late = lossy && random.next() < harsh.lateEvent ? between(random, harsh.lateMs) : 0;
    arrivedAt[index] = call.end + between(random, DELIVERY.flushMs) + late;
    if (gap !== undefined && call.end >= gap[0] && call.end < gap[1]) {
      partly.set(index, []);
      continue;
    }
    const count = eventsOf(call);
    if (random.next() >= lost * count) continue;
    // Parts of an ensemble say nothing without its judge.
    const isPart = count > 1 && call.tries[0]?.kind !== 'panel';
    const gone = random.int(0, count - 1);
    partly.set(index, isPart ? [...Array(count).keys()].filter((number) => number !== gone) : []);
  }
  return gap === undefined ? { arrivedAt, partly } : { arrivedAt, partly, gap };
}
