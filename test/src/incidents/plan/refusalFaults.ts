import { between, logBetween } from '../draw.ts';
import type { Refusal } from '../gateway/effects.ts';
import { FAULT } from '../parameters.ts';
import { set } from './edits.ts';
import type { FaultPlan, Reach } from './plan.ts';
import { all, anyCaller, anyModel, type Maker, reachOf, severity } from './worth.ts';

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

/** Faults by which requests are refused or turned away before any attempt. */
export const REFUSAL_FAULTS = {
  narrowedKey,
  narrowedNetwork,
  loweredLimit,
  strictGuardrail,
  deletedModel,
  removedKey,
} as const;
