import { between } from '../draw.ts';
import { FAULT } from '../parameters.ts';
import { fresh, set } from './edits.ts';
import { anyKey, anyModel, type Maker, modelsOfKey, reachOf } from './worth.ts';

const slowAddress: Maker = (ctx) => {
  const key = anyKey(ctx);
  if (key === undefined) return undefined;
  const models = modelsOfKey(ctx.world, key);
  const factor = between(ctx.random, FAULT.slowBy);
  return {
    kind: 'slow_address',
    latency: true,
    reach: reachOf(ctx.world, models),
    resource: { kind: 'provider_key', id: ctx.world.providerKeys[key]?.id ?? '' },
    edit: set(['api_base'], `https://${ctx.random.word(5)}.far.example/v1`),
    effects: (cause, from, to) => [{ kind: 'slow', models, factor, cause, from, to: [...to] }],
  };
};

const slowUpstream: Maker = (ctx) => {
  const model = anyModel(ctx, 'direct');
  if (model === undefined) return undefined;
  const factor = between(ctx.random, FAULT.slowBy);
  return {
    kind: 'slow_upstream',
    latency: true,
    reach: reachOf(ctx.world, [model]),
    resource: { kind: 'model', id: ctx.world.models[model]?.id ?? '' },
    edit: set(['model_name'], fresh(ctx.random, ctx.world.models[model]?.name ?? '')),
    effects: (cause, from, to) => [{ kind: 'slow', models: new Set([model]), factor, cause, from, to: [...to] }],
  };
};

const slowTargets: Maker = (ctx) => {
  const { world, random } = ctx;
  const group = anyModel(ctx, 'routing');
  const model = group === undefined ? undefined : world.models[group];
  if (group === undefined || model?.kind !== 'routing') return undefined;
  const medianOf = (index: number) => {
    const found = world.models[index];
    return found?.kind === 'direct' ? found.medianMs : 0;
  };
  const usual = medianOf(model.targets[0] ?? 0);
  const slower = [...Array(world.directModels).keys()].filter((index) => {
    const ratio = medianOf(index) / usual;
    return ratio >= FAULT.slowBy[0] && ratio <= FAULT.slowBy[1] * 1.5 && !model.targets.slice(0, 1).includes(index);
  });
  if (slower.length === 0) return undefined;
  const first = random.pick(slower);
  const targets = [first, ...model.targets.filter((target) => target !== first)];
  return {
    kind: 'slow_targets',
    latency: true,
    reach: reachOf(world, [group]),
    resource: { kind: 'model', id: model.id },
    edit: set(
      ['routing', 'targets'],
      targets.map((target) => ({ model: world.models[target]?.name })),
    ),
    effects: (cause, from, to) => [{ kind: 'targets', group, targets, cause, from, to: [...to] }],
  };
};

const cacheOff: Maker = (ctx) => {
  const [chosen] = [...ctx.ids.cachePolicies];
  if (chosen === undefined) return undefined;
  const [model, id] = chosen;
  return {
    kind: 'cache_off',
    latency: true,
    reach: reachOf(ctx.world, [model]),
    resource: { kind: 'cache_policy', id },
    edit: set(['enabled'], false),
    effects: (cause, from, to) => [{ kind: 'no_cache', model, cause, from, to: [...to] }],
  };
};

/** Faults that make requests slower and nothing else. */
export const SLOW_FAULTS: readonly Maker[] = [slowAddress, slowUpstream, slowTargets, cacheOff];
