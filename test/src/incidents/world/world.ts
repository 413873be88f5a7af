import type { Random } from '../../gateway/random.ts';
import { between, cumulated, logBetween, pickBySums, shuffled, wholeBetween } from '../draw.ts';
import { WORLD } from '../parameters.ts';
import { names } from './names.ts';

/** A provider's side: what fails and slows down together. */
export interface Provider {
  readonly brand: string;
  /** Chance of an attempt to fail by itself; 0 for those that never do. */
  readonly failure: number;
}

export interface ProviderKey {
  readonly id: string;
  readonly name: string;
  /** Index of the provider. */
  readonly provider: number;
}

export interface DirectModel {
  readonly kind: 'direct';
  readonly id: string;
  readonly name: string;
  /** Index of the provider key. */
  readonly providerKey: number;
  readonly medianMs: number;
  readonly spreadOfLog: number;
  /** Share of requests that a cache answers; 0 without a cache policy. */
  readonly cacheHits: number;
}

export interface RoutingModel {
  readonly kind: 'routing';
  readonly id: string;
  readonly name: string;
  readonly strategy: 'failover' | 'round_robin';
  /** Indexes of direct models. */
  readonly targets: readonly number[];
}

export interface EnsembleModel {
  readonly kind: 'ensemble';
  readonly id: string;
  readonly name: string;
  readonly panel: readonly number[];
  readonly judge: number;
}

export type WorldModel = DirectModel | RoutingModel | EnsembleModel;

export interface Caller {
  readonly id: string;
  readonly name: string;
  readonly weight: number;
  /** Hour of its peak. */
  readonly peakHour: number;
  readonly batch: boolean;
  readonly invalid: number;
  readonly blocked: number;
  readonly limited: number;
  /** Indexes of models that it calls, and running sums of how often. */
  readonly models: readonly number[];
  readonly modelSums: Float64Array;
}

/** One environment as it is before anything happens; ids and names are drawn, too. */
export interface World {
  readonly environment: string;
  readonly dataPlanes: readonly string[];
  readonly providers: readonly Provider[];
  readonly providerKeys: readonly ProviderKey[];
  /** Direct ones first. */
  readonly models: readonly WorldModel[];
  readonly directModels: number;
  readonly callers: readonly Caller[];
  /** Share of the requests by requested model, and by caller. */
  readonly modelShare: Float64Array;
  readonly callerShare: Float64Array;
}

export interface WorldOptions {
  readonly dataPlanes: number;
  /** Direct models that only groups call, by their place. */
  readonly onlyBehindGroups?: boolean;
}

function zipf(rank: number): number {
  return (rank + 1) ** -WORLD.zipf;
}

/** Draws an environment: twelve models and more on several keys of several providers, with skewed traffic. */
export function drawWorld(random: Random, { dataPlanes, onlyBehindGroups = false }: WorldOptions): World {
  const named = names(random);
  const providers = Array.from({ length: wholeBetween(random, WORLD.providers) }, () => ({
    brand: named.brand(),
    failure: random.chance(WORLD.errorFree) ? 0 : logBetween(random, WORLD.attemptFailure),
  }));
  const providerKeys = providers.flatMap(({ brand }, provider) => {
    const own: ProviderKey = { id: random.uuid(), name: `${brand}-main`, provider };
    const twin: ProviderKey = { id: random.uuid(), name: `${brand}-second`, provider };
    return random.chance(WORLD.twinKey) ? [own, twin] : [own];
  });
  const directModels = wholeBetween(random, WORLD.directModels);
  const direct = Array.from({ length: directModels }, (_, index): DirectModel => {
    // Every key has a model, the rest are spread.
    const providerKey = index < providerKeys.length ? index : random.int(0, providerKeys.length - 1);
    const brand = providers[providerKeys[providerKey]?.provider ?? 0]?.brand ?? '';
    return {
      kind: 'direct',
      id: random.uuid(),
      name: named.model(brand),
      providerKey,
      medianMs: logBetween(random, WORLD.medianMs),
      spreadOfLog: between(random, WORLD.spreadOfLog),
      cacheHits: random.chance(WORLD.cachedModels) ? between(random, WORLD.cacheHits) : 0,
    };
  });
  const mixed = shuffled(random, [...direct.keys()]);
  const ofDifferentKeys = (from: number, count: number): number[] => {
    const chosen: number[] = [];
    for (let step = 0; step < mixed.length && chosen.length < count; step++) {
      const index = mixed[(from + step) % mixed.length] ?? 0;
      if (!chosen.some((other) => direct[other]?.providerKey === direct[index]?.providerKey)) chosen.push(index);
    }
    return chosen;
  };
  const groups = Array.from(
    { length: WORLD.groups },
    (_, index): RoutingModel => ({
      kind: 'routing',
      id: random.uuid(),
      name: named.group(),
      strategy: index === WORLD.groups - 1 ? 'round_robin' : 'failover',
      targets: ofDifferentKeys(index * 3, index === 0 ? 3 : 2),
    }),
  );
  const ensembles = Array.from({ length: WORLD.ensembles }, (): EnsembleModel => {
    const [judge = 0, ...panel] = ofDifferentKeys(random.int(0, mixed.length - 1), 4);
    return { kind: 'ensemble', id: random.uuid(), name: named.group(), panel, judge };
  });
  const models: WorldModel[] = [...direct, ...groups, ...ensembles];
  const behind = new Set(onlyBehindGroups ? groups.map(({ targets }) => targets[0]) : []);
  const weights = new Float64Array(models.length);
  for (const [rank, index] of shuffled(random, [...models.keys()]).entries()) {
    const kind = models[index]?.kind;
    // Groups are what teams are told to call.
    weights[index] = zipf(rank) * (kind === 'routing' ? 1.5 : kind === 'ensemble' ? 0.5 : 1);
    if (behind.has(index)) weights[index] = 0;
  }
  const callers = drawCallers(random, weights, named.team);
  return {
    environment: random.uuid(),
    dataPlanes: Array.from({ length: dataPlanes }, () => random.uuid()),
    providers,
    providerKeys,
    models,
    directModels,
    callers,
    ...shares(callers, models.length),
  };
}

function drawCallers(random: Random, weights: Float64Array, team: () => string): Caller[] {
  const sums = cumulated([...weights]);
  return Array.from({ length: wholeBetween(random, WORLD.callers) }, (_, rank): Caller => {
    const models = [...new Set(Array.from({ length: random.int(3, 9) }, () => pickBySums(random, sums)))];
    return {
      id: random.uuid(),
      name: team(),
      weight: zipf(rank),
      peakHour: 14 + random.skewed(1, 0.3) * 4 - 4,
      batch: random.chance(WORLD.batchCallers),
      invalid: random.chance(WORLD.carelessCallers) ? logBetween(random, WORLD.invalid) : 0,
      blocked: random.chance(WORLD.blockedCallers) ? logBetween(random, WORLD.blocked) : 0,
      limited: random.chance(WORLD.limitedCallers) ? logBetween(random, WORLD.limited) : 0,
      models,
      modelSums: cumulated(models.map((model) => (weights[model] ?? 0) * between(random, [0.5, 1.5]))),
    };
  });
}

function shares(callers: readonly Caller[], models: number): Pick<World, 'modelShare' | 'callerShare'> {
  const modelShare = new Float64Array(models);
  const total = callers.reduce((sum, { weight }) => sum + weight, 0);
  for (const { weight, models: called, modelSums } of callers) {
    const own = modelSums[modelSums.length - 1] ?? 1;
    for (const [place, model] of called.entries()) {
      const part = (modelSums[place] ?? 0) - (place === 0 ? 0 : (modelSums[place - 1] ?? 0));
      modelShare[model] = (modelShare[model] ?? 0) + (weight / total) * (part / own);
    }
  }
  return { modelShare, callerShare: Float64Array.from(callers, ({ weight }) => weight / total) };
}

/** Whether a request for `requested` may call `target`. */
export function mayCall(world: World, requested: number, target: number): boolean {
  const model = world.models[requested];
  if (model === undefined || requested === target) return requested === target;
  if (model.kind === 'routing') return model.targets.includes(target);
  return model.kind === 'ensemble' && (model.judge === target || model.panel.includes(target));
}

/** The provider key behind a direct model. */
export function keyOfModel(world: World, model: number): number {
  const found = world.models[model];
  return found?.kind === 'direct' ? found.providerKey : -1;
}

/** The provider behind a direct model. */
export function providerOfModel(world: World, model: number): number {
  return world.providerKeys[keyOfModel(world, model)]?.provider ?? -1;
}
