import type { FaultPlan } from './plan.ts';
import { REFUSAL_FAULTS } from './refusalFaults.ts';
import { SLOW_FAULTS } from './slowFaults.ts';
import { UPSTREAM_FAULTS } from './upstreamFaults.ts';
import type { FaultContext, Maker } from './worth.ts';

const { wrongSecret, wrongAddress, wrongUpstreamName, wrongKeyOfModel, loweredTimeout, missingTarget, removedRetries } =
  UPSTREAM_FAULTS;
const { narrowedKey, narrowedNetwork, loweredLimit, strictGuardrail, deletedModel, removedKey } = REFUSAL_FAULTS;

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
/** Faults of a group's first target, which the group hides. */
const HIDDEN: readonly Maker[] = [wrongUpstreamName, wrongKeyOfModel, loweredTimeout];

const MAKERS = { errors: ERRORS, slow: SLOW_FAULTS, vanished: [removedKey] } as const;
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
