import type { Random } from '../../gateway/random.ts';
import { between, pickBySums, poisson, wander } from '../draw.ts';
import { TIMES, WORLD } from '../parameters.ts';
import type { World } from '../world/world.ts';
import type { Call } from './call.ts';
import { type Effect, heightOf } from './effects.ts';
import type { Gateway } from './gateway.ts';

export interface TrafficOptions {
  readonly random: Random;
  readonly world: World;
  /** Requests per second of the whole environment. */
  readonly rate: number;
  /** Hour of the day at which the window starts. */
  readonly hour: number;
  readonly effects: readonly Effect[];
  readonly gateway: Gateway;
}

/** Minutes in which a caller by automation is at work, 1 or 0. */
function working(random: Random, minutes: number): Float64Array {
  const at = new Float64Array(minutes);
  let on = random.chance(0.3);
  let left = between(random, on ? WORLD.batchOn : WORLD.batchOff) * random.next();
  for (let minute = 0; minute < minutes; minute++) {
    if (left <= 0) {
      on = !on;
      left = between(random, on ? WORLD.batchOn : WORLD.batchOff);
    }
    at[minute] = on ? 1 : 0;
    left--;
  }
  return at;
}

/** How much of its usual traffic a caller has, by minute: day, automation, surges. */
function activity({ random, world, hour, effects }: TrafficOptions, minutes: number): Float64Array[] {
  const surges = effects.filter((effect) => effect.kind === 'surge');
  return world.callers.map(({ batch, peakHour }, caller) => {
    const path = batch ? working(random, minutes) : new Float64Array(minutes).fill(1);
    // The same work in less time.
    const scale = batch ? (between(random, WORLD.batchOff) + 2.5) / 2.5 : 1;
    for (let minute = 0; minute < minutes; minute++) {
      const now = hour + minute / 60;
      const season = 1 + WORLD.season * Math.cos(((now - peakHour) / 24) * 2 * Math.PI);
      let factor = scale * season;
      for (const surge of surges) {
        if (!surge.callers.has(caller)) continue;
        factor *= 1 + (surge.factor - 1) * heightOf(surge, minute * 60_000, 0);
      }
      path[minute] = (path[minute] ?? 0) * factor;
    }
    return path;
  });
}

/** Everything that callers asked of the gateway in a window, in order of start. */
export function simulateTraffic(options: TrafficOptions): Call[] {
  const { random, world, rate, gateway } = options;
  const minutes = Math.ceil(TIMES.length / 60_000);
  const active = activity(options, minutes);
  const whole = wander(random, minutes, WORLD.trafficWander, WORLD.trafficMemory);
  const calls: Call[] = [];
  const sums = new Float64Array(world.callers.length);
  const dataPlanes = world.dataPlanes.length;
  const starts: number[] = [];
  for (let minute = 0; minute < minutes; minute++) {
    let sum = 0;
    for (let caller = 0; caller < sums.length; caller++) {
      sum += (world.callerShare[caller] ?? 0) * (active[caller]?.[minute] ?? 0);
      sums[caller] = sum;
    }
    const expected = rate * 60 * sum * Math.exp(whole[minute] ?? 0);
    const count = poisson(random, expected);
    starts.length = 0;
    for (let index = 0; index < count; index++) starts.push((minute + random.next()) * 60_000);
    starts.sort((a, b) => a - b);
    for (const at of starts) {
      const caller = pickBySums(random, sums);
      const { models, modelSums } = world.callers[caller] ?? { models: [], modelSums: sums };
      const model = models[pickBySums(random, modelSums)] ?? 0;
      const dataPlane = dataPlanes === 1 ? 0 : random.int(0, dataPlanes - 1);
      const call = gateway.handle(at, caller, model, dataPlane);
      if (call !== undefined) calls.push(call);
    }
  }
  return calls;
}
