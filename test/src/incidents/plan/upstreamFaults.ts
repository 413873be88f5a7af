import type { Random } from '../../gateway/random.ts';
import { between, logBetween } from '../draw.ts';
import type { Effect } from '../gateway/effects.ts';
import { FAULT } from '../parameters.ts';
import { keyOfModel } from '../world/world.ts';
import { fresh, set } from './edits.ts';
import type { FaultPlan } from './plan.ts';
import { anyKey, anyModel, type Maker, modelsOfKey, reachOf, severity } from './worth.ts';

/** A fault of attempts at the models of one provider key. */
function keyFault(
  name: string,
  edit: (random: Random, brand: string) => { edit: FaultPlan['edit']; failure: Partial<Effect> },
): Maker {
  return (ctx) => {
    const { random, world } = ctx;
    const key = anyKey(ctx);
    if (key === undefined) return undefined;
    const models = modelsOfKey(world, key);
    const found = world.providerKeys[key];
    const made = edit(random, world.providers[found?.provider ?? 0]?.brand ?? '');
    const share = severity(random);
    return {
      kind: name,
      reach: reachOf(world, models),
      resource: { kind: 'provider_key', id: found?.id ?? '' },
      edit: made.edit,
      effects: (cause, from, to) => [
        { kind: 'attempt_failure', models, share, again: false, cause, from, to: [...to], ...made.failure } as Effect,
      ],
    };
  };
}

const wrongSecret = keyFault('wrong_secret', (random) => ({
  edit: set(['secret'], `sk-${random.word(20)}`),
  failure: {
    status: random.chance(0.8) ? 401 : 403,
    errorClass: 'upstream_status',
    message: 'upstream returned HTTP 401: Incorrect API key provided',
    afterMs: 40,
  },
}));

const wrongAddress = keyFault('wrong_address', (random, brand) => {
  const address = `https://${random.word(6)}.${brand}.example/v1`;
  const refused = random.chance(0.6);
  return {
    edit: set(['api_base'], address),
    failure: refused
      ? {
          status: 502,
          errorClass: 'transport',
          message: `transport error: error sending request for url (${address}/chat/completions)`,
          afterMs: 3,
          again: true,
        }
      : {
          status: 404,
          errorClass: 'upstream_status',
          message: 'upstream returned HTTP 404: Not found',
          afterMs: 30,
        },
  };
});

const wrongUpstreamName: Maker = (ctx) => {
  const model = anyModel(ctx, 'direct');
  if (model === undefined) return undefined;
  const name = fresh(ctx.random, ctx.world.models[model]?.name ?? '');
  const share = severity(ctx.random);
  return {
    kind: 'wrong_upstream_name',
    reach: reachOf(ctx.world, [model]),
    resource: { kind: 'model', id: ctx.world.models[model]?.id ?? '' },
    edit: set(['model_name'], name),
    effects: (cause, from, to) => [
      {
        kind: 'attempt_failure',
        models: new Set([model]),
        share,
        status: 404,
        errorClass: 'upstream_status',
        message: `upstream returned HTTP 404: The model ${name} does not exist`,
        afterMs: 35,
        again: false,
        cause,
        from,
        to: [...to],
      },
    ],
  };
};

const wrongKeyOfModel: Maker = (ctx) => {
  const model = anyModel(ctx, 'direct');
  const other = model === undefined ? undefined : anyKey(ctx);
  if (model === undefined || other === undefined || keyOfModel(ctx.world, model) === other) return undefined;
  return {
    kind: 'wrong_provider_key',
    reach: reachOf(ctx.world, [model]),
    resource: { kind: 'model', id: ctx.world.models[model]?.id ?? '' },
    edit: set(['provider_key_id'], ctx.world.providerKeys[other]?.id),
    effects: (cause, from, to) => [
      {
        kind: 'attempt_failure',
        models: new Set([model]),
        share: 1,
        status: 404,
        errorClass: 'upstream_status',
        message: 'upstream returned HTTP 404: The model does not exist',
        afterMs: 35,
        again: false,
        cause,
        from,
        to: [...to],
      },
    ],
  };
};

const loweredTimeout: Maker = (ctx) => {
  const index = anyModel(ctx, 'direct');
  const model = index === undefined ? undefined : ctx.world.models[index];
  if (index === undefined || model?.kind !== 'direct') return undefined;
  // The share above exp(µ + zσ); z by the logistic approximation of the normal quantile.
  const cut = logBetween(ctx.random, FAULT.cutShare);
  const z = Math.log((1 - cut) / cut) / 1.702;
  const timeoutMs = Math.round(model.medianMs * Math.exp(model.spreadOfLog * z));
  return {
    kind: 'lowered_timeout',
    reach: reachOf(ctx.world, [index]),
    resource: { kind: 'model', id: model.id },
    edit: set(['timeout'], timeoutMs),
    effects: (cause, from, to) => [{ kind: 'timeout', model: index, timeoutMs, cause, from, to: [...to] }],
  };
};

const missingTarget: Maker = (ctx) => {
  const group = anyModel(ctx, 'routing');
  const model = group === undefined ? undefined : ctx.world.models[group];
  if (group === undefined || model?.kind !== 'routing') return undefined;
  const names = model.targets.map((target) => ctx.world.models[target]?.name ?? '');
  const [first = '', ...rest] = names;
  return {
    kind: 'missing_target',
    reach: reachOf(ctx.world, [group]),
    resource: { kind: 'model', id: model.id },
    edit: set(
      ['routing', 'targets'],
      [fresh(ctx.random, first), ...rest].map((name) => ({ model: name })),
    ),
    effects: (cause, from, to) => [
      { kind: 'targets', group, targets: [-1, ...model.targets.slice(1)], cause, from, to: [...to] },
    ],
  };
};

const removedRetries: Maker = (ctx) => {
  const index = anyModel(ctx, 'direct');
  if (index === undefined) return undefined;
  const share = between(ctx.random, FAULT.shaky);
  return {
    kind: 'removed_retries',
    reach: reachOf(ctx.world, [index]),
    resource: { kind: 'model', id: ctx.world.models[index]?.id ?? '' },
    edit: set(['retries'], 0),
    effects: (cause, from, to) => [
      { kind: 'no_retries', model: index, cause, from, to: [...to] },
      {
        // The shaky provider was there all along.
        kind: 'attempt_failure',
        models: new Set([index]),
        share,
        status: 502,
        errorClass: 'upstream_status',
        message: 'upstream returned HTTP 503: The engine is currently overloaded',
        afterMs: 80,
        again: true,
        cause: -1,
        from: from.map(() => 0),
        to: to.map(() => Number.POSITIVE_INFINITY),
      },
    ],
  };
};

/** Faults that show in attempts. */
export const UPSTREAM_FAULTS = {
  wrongSecret,
  wrongAddress,
  wrongUpstreamName,
  wrongKeyOfModel,
  loweredTimeout,
  missingTarget,
  removedRetries,
} as const;
