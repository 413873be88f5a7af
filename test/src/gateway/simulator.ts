import type { SimulatedRequest } from './compose.ts';
import type { Fault } from './faults.ts';
import { createRandom } from './random.ts';
import { EVERYDAY_MIX, type Mix, SCENARIOS, type ScenarioName } from './scenarios.ts';
import { type CallerKey, DEFAULT_KEYS, DEFAULT_MODELS, type SimulatedModel } from './world.ts';

export interface SimulatorOptions {
  readonly seed: number;
  /** Requests that arrive per second, on average; the gaps are random. */
  readonly ratePerSecond: number;
  /** Epoch milliseconds; read once, for the moment at which traffic begins. */
  readonly now: () => number;
  readonly models?: readonly SimulatedModel[];
  readonly keys?: readonly CallerKey[];
  readonly mix?: Mix;
  readonly faults?: readonly Fault[];
}

/** Traffic of one data plane with its ground truth. Pure: the same options give the same requests. */
export interface GatewaySimulator {
  /** The next request in order of arrival at the gateway. */
  next(): SimulatedRequest;
  /** All requests not given out yet that arrive before `time`. */
  until(time: number): SimulatedRequest[];
}

export function createGatewaySimulator(options: SimulatorOptions): GatewaySimulator {
  const { seed, ratePerSecond, now, models = DEFAULT_MODELS, keys = DEFAULT_KEYS, faults = [] } = options;
  const random = createRandom(seed);
  const mix = Object.entries(options.mix ?? EVERYDAY_MIX) as [ScenarioName, number][];
  const cooldowns = new Map<string, number>();
  // Exponential gaps make a Poisson process, like callers that know nothing of each other.
  const gap = () => (-Math.log(1 - random.next()) * 1000) / ratePerSecond;
  let start = now() + gap();

  const next = (): SimulatedRequest => {
    const scenario = SCENARIOS[random.weighted(mix)];
    // Microseconds, the resolution that survives both nanoseconds and doubles.
    const request = scenario({ random, models, keys, faults, cooldowns, start: Math.round(start * 1000) / 1000 });
    start += gap();
    return request;
  };

  return {
    next,
    until: (time) => {
      const requests: SimulatedRequest[] = [];
      while (start < time) requests.push(next());
      return requests;
    },
  };
}
