import type { Random } from '../../gateway/random.ts';
import { between, logBetween } from '../draw.ts';
import type { Effect, Refusal } from '../gateway/effects.ts';
import { FAULT } from '../parameters.ts';
import type { PolicyIds } from '../world/documents.ts';
import { keyOfModel, mayCall, type World } from '../world/world.ts';
import { fresh, set } from './edits.ts';
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

type Maker = (ctx: FaultContext) => FaultPlan | undefined;

const all = (count: number): ReadonlySet<number> => new Set(Array.from({ length: count }, (_, index) => index));

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

const severity = (random: Random) => (random.chance(FAULT.whole) ? 1 : logBetween(random, FAULT.severity));

/** Direct models of a provider key. */
export function modelsOfKey(world: World, key: number): Set<number> {
  return new Set([...world.models.keys()].filter((model) => keyOfModel(world, model) === key));
}

function anyKey({ random, world, taken }: FaultContext): number | undefined {
  const worth = [...world.providerKeys.keys()].filter(
    (key) =>
      !taken.has(`provider_key/${world.providerKeys[key]?.id}`) &&
      shareOf(world, reachOf(world, modelsOfKey(world, key))) >= FAULT.leastShare,
  );
  return worth.length === 0 ? undefined : random.pick(worth);
}

function anyModel({ random, world, taken }: FaultContext, kind: 'direct' | 'routing'): number | undefined {
  const worth = [...world.models.keys()].filter((index) => {
    const model = world.models[index];
    if (model?.kind !== kind || taken.has(`model/${model.id}`)) return false;
    return shareOf(world, reachOf(world, [index])) >= FAULT.leastShare;
  });
  return worth.length === 0 ? undefined : random.pick(worth);
}

function anyCaller({ random, world, taken }: FaultContext, accept: (caller: number) => boolean): number | undefined {
  const worth = [...world.callers.keys()].filter(
    (caller) =>
      !taken.has(`api_key/${world.callers[caller]?.id}`) &&
      (world.callerShare[caller] ?? 0) >= FAULT.leastShare &&
      accept(caller),
  );
  return worth.length === 0 ? undefined : random.pick(worth);
}

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

/** Requests are refused before any attempt. */
function refusal(
  kind: string,
  reach: Reach,
  resource: FaultPlan['resource'],
  edit: FaultPlan['edit'],
  refused: Pick<Refusal, 'share' | 'status' | 'errorClass'> & Partial<Refusal>,
): FaultPlan {
  return {
    kind,
    reach,
    resource,
    edit,
    effects: (cause, from, to) => [
      { kind: 'refusal', ...reach, blocked: false, withoutModel: false, cause, from, to: [...to], ...refused },
    ],
  };
}

const narrowedKey: Maker = (ctx) => {
  const { world, random } = ctx;
  const caller = anyCaller(ctx, (index) => (world.callers[index]?.models.length ?? 0) > 1);
  if (caller === undefined) return undefined;
  const { id, models } = world.callers[caller] ?? { id: '', models: [] };
  const kept = random.pick(models);
  return {
    ...refusal(
      'narrowed_key',
      { models: new Set(models.filter((model) => model !== kept)), callers: new Set([caller]) },
      { kind: 'api_key', id },
      set(['allowed_models'], [world.models[kept]?.name]),
      { share: 1, status: 403, errorClass: 'permission_denied' },
    ),
    reach: { models: all(world.models.length), callers: new Set([caller]) },
  };
};

const narrowedNetwork: Maker = (ctx) => {
  const index = anyModel(ctx, 'direct');
  if (index === undefined) return undefined;
  const share = severity(ctx.random);
  return refusal(
    'narrowed_network',
    // Targets of groups are not asked for their networks.
    { models: new Set([index]), callers: all(ctx.world.callers.length) },
    { kind: 'model', id: ctx.world.models[index]?.id ?? '' },
    set(['allowed_cidrs'], ['10.0.0.0/8']),
    { share, status: 403, errorClass: 'permission_denied' },
  );
};

const loweredLimit: Maker = (ctx) => {
  const { world, random, ids, rate } = ctx;
  const byPolicy = random.chance(0.5);
  const caller = anyCaller(ctx, (index) => !byPolicy || index < ids.limits.length);
  if (caller === undefined) return undefined;
  const perMinute = Math.max(
    1,
    Math.round(rate * 60 * (world.callerShare[caller] ?? 0) * between(random, FAULT.limitShare)),
  );
  return refusal(
    'lowered_limit',
    { models: all(world.models.length), callers: new Set([caller]) },
    byPolicy
      ? { kind: 'rate_limit_policy', id: ids.limits[caller] ?? '' }
      : { kind: 'api_key', id: world.callers[caller]?.id ?? '' },
    byPolicy ? set(['max_requests'], perMinute) : set(['rate_limit', 'rpm'], perMinute),
    { share: 1, perMinute, status: 429, errorClass: 'rate_limit_exceeded' },
  );
};

const strictGuardrail: Maker = (ctx) => {
  const { world, random, ids } = ctx;
  return refusal(
    'strict_guardrail',
    { models: all(world.models.length), callers: all(world.callers.length) },
    { kind: 'guardrail', id: ids.guardrail },
    set(['patterns'], [{ kind: 'literal', value: random.word(3) }]),
    { share: logBetween(random, FAULT.severity) * 0.6, status: 422, errorClass: 'content_filter', blocked: true },
  );
};

const deletedModel: Maker = (ctx) => {
  const index = anyModel(ctx, 'direct');
  if (index === undefined || reachOf(ctx.world, [index]).models.size > 1) return undefined;
  return refusal(
    'deleted_model',
    { models: new Set([index]), callers: all(ctx.world.callers.length) },
    { kind: 'model', id: ctx.world.models[index]?.id ?? '' },
    undefined,
    { share: 1, status: 404, errorClass: 'model_not_found', withoutModel: true },
  );
};

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

const removedKey: Maker = (ctx) => {
  const caller = anyCaller(ctx, () => true);
  if (caller === undefined) return undefined;
  const deleted = ctx.random.chance(0.5);
  return {
    kind: deleted ? 'deleted_key' : 'disabled_key',
    vanishes: true,
    reach: { models: all(ctx.world.models.length), callers: new Set([caller]) },
    resource: { kind: 'api_key', id: ctx.world.callers[caller]?.id ?? '' },
    edit: deleted ? undefined : set(['disabled'], true),
    effects: (cause, from, to) => [{ kind: 'vanished', callers: new Set([caller]), cause, from, to: [...to] }],
  };
};

const ERRORS: readonly Maker[] = [
  wrongSecret,
  wrongAddress,
  wrongUpstreamName,
  wrongKeyOfModel,
  loweredTimeout,
  missingTarget,
  narrowedKey,
  narrowedNetwork,
  loweredLimit,
  strictGuardrail,
  deletedModel,
  removedRetries,
];
const SLOW: readonly Maker[] = [slowAddress, slowUpstream, slowTargets, cacheOff];
/** Faults of a group's first target, which the group hides. */
const HIDDEN: readonly Maker[] = [wrongUpstreamName, wrongKeyOfModel, loweredTimeout];

const MAKERS = { errors: ERRORS, slow: SLOW, vanished: [removedKey] } as const;
const TRIES = 50;

function firstOf(makers: readonly Maker[], ctx: FaultContext): FaultPlan {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const plan = ctx.random.pick(makers)(ctx);
    if (plan !== undefined && !ctx.taken.has(`${plan.resource.kind}/${plan.resource.id}`)) return plan;
  }
  throw new RangeError('No resource of this world is worth breaking.');
}

/** A fault of the given sort on a resource that has traffic. */
export function drawFault(sort: keyof typeof MAKERS, ctx: FaultContext): FaultPlan {
  return firstOf(MAKERS[sort], ctx);
}

/** A fault of the first target of a group, which callers get to see in part or not at all. */
export function drawHiddenFault(ctx: FaultContext): FaultPlan {
  const firsts = new Set(
    ctx.world.models.flatMap((model) => (model.kind === 'routing' ? model.targets.slice(0, 1) : [])),
  );
  const taken = new Set(ctx.taken);
  for (const [index, model] of ctx.world.models.entries()) if (!firsts.has(index)) taken.add(`model/${model.id}`);
  return firstOf(HIDDEN, { ...ctx, taken });
}
