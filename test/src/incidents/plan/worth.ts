import type { Random } from '../../gateway/random.ts';
import { logBetween } from '../draw.ts';
import { FAULT } from '../parameters.ts';
import type { PolicyIds } from '../world/documents.ts';
import { keyOfModel, mayCall, type World } from '../world/world.ts';
import type { FaultPlan, Reach } from './plan.ts';

export interface FaultContext {
  readonly random: Random;
  readonly world: World;
  readonly ids: PolicyIds;
  /** Requests per second of the environment: a limit is lowered below what comes. */
  readonly rate: number;
  /** Resources that are not to be touched again, `<kind>/<id>`. */
  readonly taken: ReadonlySet<string>;
}

/** Undefined where the world has nothing that fits. */
export type Maker = (ctx: FaultContext) => FaultPlan | undefined;

/** Indexes of all things of a kind. */
export const all = (count: number): ReadonlySet<number> => new Set(Array.from({ length: count }, (_, index) => index));

/** Requested models that may call one of the given direct models. */
export function reachOf(world: World, direct: Iterable<number>): Reach {
  const targets = [...direct];
  const models = new Set(
    [...world.models.keys()].filter((requested) => targets.some((target) => mayCall(world, requested, target))),
  );
  return { models, callers: all(world.callers.length) };
}

function shareOf(world: World, { models }: Reach): number {
  let sum = 0;
  for (const model of models) sum += world.modelShare[model] ?? 0;
  return sum;
}

/** Share of what a fault touches that it hits. */
export const severity = (random: Random) => (random.chance(FAULT.whole) ? 1 : logBetween(random, FAULT.severity));

/** Direct models of a provider key. */
export function modelsOfKey(world: World, key: number): Set<number> {
  return new Set([...world.models.keys()].filter((model) => keyOfModel(world, model) === key));
}

/** Indexes of resources that have enough traffic to be worth breaking. */
export function anyKey({ random, world, taken }: FaultContext): number | undefined {
  const worth = [...world.providerKeys.keys()].filter(
    (key) =>
      !taken.has(`provider_key/${world.providerKeys[key]?.id}`) &&
      shareOf(world, reachOf(world, modelsOfKey(world, key))) >= FAULT.leastShare,
  );
  return worth.length === 0 ? undefined : random.pick(worth);
}

export function anyModel({ random, world, taken }: FaultContext, kind: 'direct' | 'routing'): number | undefined {
  const worth = [...world.models.keys()].filter((index) => {
    const model = world.models[index];
    if (model?.kind !== kind || taken.has(`model/${model.id}`)) return false;
    return shareOf(world, reachOf(world, [index])) >= FAULT.leastShare;
  });
  return worth.length === 0 ? undefined : random.pick(worth);
}

export function anyCaller(
  { random, world, taken }: FaultContext,
  accept: (caller: number) => boolean,
): number | undefined {
  const worth = [...world.callers.keys()].filter(
    (caller) =>
      !taken.has(`api_key/${world.callers[caller]?.id}`) &&
      (world.callerShare[caller] ?? 0) >= FAULT.leastShare &&
      accept(caller),
  );
  return worth.length === 0 ? undefined : random.pick(worth);
}
