import type { Random } from '../../gateway/random.ts';
import { between, wholeBetween } from '../draw.ts';
import { BENIGN, TIMES } from '../parameters.ts';
import type { PolicyIds } from '../world/documents.ts';
import type { World } from '../world/world.ts';
import { type Edit, fresh, scale, set } from './edits.ts';
import type { PlannedChange, Role } from './plan.ts';

export interface BenignContext {
  readonly random: Random;
  readonly world: World;
  readonly ids: PolicyIds;
  /** Resources with a fault: nobody else touches them, or the truth would be a matter of opinion. */
  readonly taken: ReadonlySet<string>;
}

interface Harmless {
  readonly kind: string;
  readonly id: string;
  readonly edit: Edit;
  readonly plausible: boolean;
}

type Maker = (ctx: BenignContext) => Harmless;

const aKey = ({ random, world }: BenignContext) => random.pick(world.providerKeys).id;
const aModel = ({ random, world }: BenignContext) => random.pick(world.models.slice(0, world.directModels)).id;
const aCaller = ({ random, world }: BenignContext) => random.pick(world.callers).id;

/** Nothing that a request could notice. */
const IDLE: readonly Maker[] = [
  (ctx) => ({
    kind: 'provider_key',
    id: aKey(ctx),
    edit: set(['telemetry_tags', 'byo_label'], ctx.random.word(6)),
    plausible: false,
  }),
  (ctx) => ({
    kind: 'model',
    id: aModel(ctx),
    edit: set(['cost'], { input_per_1k: between(ctx.random, [0.1, 3]), output_per_1k: between(ctx.random, [0.5, 9]) }),
    plausible: false,
  }),
  (ctx) => ({ kind: 'api_key', id: aCaller(ctx), edit: set(['user_name'], ctx.random.word(6)), plausible: false }),
  (ctx) => ({
    kind: 'guardrail_attachment',
    id: ctx.ids.attachment,
    edit: set(['priority'], ctx.random.int(2, 90)),
    plausible: false,
  }),
];

/** The kind of change that breaks things, done right. */
const PLAUSIBLE: readonly Maker[] = [
  (ctx) => ({
    kind: 'provider_key',
    id: aKey(ctx),
    edit: set(['secret'], `sk-${ctx.random.word(20)}`),
    plausible: true,
  }),
  (ctx) => ({
    kind: 'provider_key',
    id: aKey(ctx),
    edit: set(['api_base'], `https://${ctx.random.word(5)}.good.example/v1`),
    plausible: true,
  }),
  (ctx) => ({
    kind: 'model',
    id: aModel(ctx),
    edit: scale(['timeout'], between(ctx.random, [0.6, 2])),
    plausible: true,
  }),
  (ctx) => ({
    kind: 'model',
    id: aModel(ctx),
    edit: set(['model_name'], fresh(ctx.random, 'dated')),
    plausible: true,
  }),
  (ctx) => ({
    kind: 'api_key',
    id: aCaller(ctx),
    edit: scale(['rate_limit', 'rpm'], between(ctx.random, [0.6, 2])),
    plausible: true,
  }),
  (ctx) => ({
    kind: 'rate_limit_policy',
    id: ctx.random.pick(ctx.ids.limits),
    edit: scale(['max_requests'], between(ctx.random, [0.6, 2])),
    plausible: true,
  }),
  (ctx) => {
    const caller = ctx.random.pick(ctx.world.callers);
    const names = caller.models.map((model) => ctx.world.models[model]?.name);
    return {
      kind: 'api_key',
      id: caller.id,
      edit: set(['allowed_models'], [...names, ctx.random.word(5)]),
      plausible: true,
    };
  },
  (ctx) => ({
    kind: 'guardrail',
    id: ctx.ids.guardrail,
    edit: set(['patterns'], [{ kind: 'literal', value: ctx.random.word(9) }]),
    plausible: true,
  }),
];

const TRIES = 30;

/** A harmless change that leaves the taken resources alone; `on` limits it to some resources where there is a choice. */
export function drawHarmless(ctx: BenignContext, plausible: boolean, on?: ReadonlySet<string>): Harmless | undefined {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const made = ctx.random.pick(plausible ? PLAUSIBLE : IDLE)(ctx);
    const key = `${made.kind}/${made.id}`;
    if (!ctx.taken.has(key) && (on === undefined || on.has(key))) return made;
  }
  return undefined;
}

export function plannedHarmless(
  { kind, id, edit, plausible }: Harmless,
  at: number,
  role: Role,
  automation = false,
): PlannedChange {
  return { at, kind, id, edit, action: 'update', role, plausible, fault: -1, automation };
}

/** The harmless changes of a window: single ones, a burst by automation, a refused document and its repair. */
export function drawBenign(ctx: BenignContext): PlannedChange[] {
  const { random } = ctx;
  const planned: PlannedChange[] = [];
  const add = (at: number, automation: boolean) => {
    const made = drawHarmless(ctx, random.chance(BENIGN.plausible));
    if (made === undefined) return;
    if (!automation && random.chance(BENIGN.rejected)) planned.push(...refused(ctx, made, at));
    else planned.push(plannedHarmless(made, at, 'benign', automation));
  };
  const anyTime = () => between(random, [TIMES.benignFrom, TIMES.benignTo]);
  for (let left = wholeBetween(random, BENIGN.single); left > 0; left--) add(anyTime(), false);
  if (random.chance(BENIGN.burst)) {
    let at = anyTime();
    for (let left = wholeBetween(random, BENIGN.burstChanges); left > 0; left--) {
      add(at, true);
      at += between(random, BENIGN.burstGapMs);
    }
  }
  return planned;
}

/** A document that the gateway refuses, and the last good one put back later: neither has an effect. */
function refused(ctx: BenignContext, made: Harmless, at: number): PlannedChange[] {
  const broken: PlannedChange = {
    ...plannedHarmless(made, at, 'rejected'),
    edit: (document) => ({ ...made.edit(document), display_name: 42 }),
  };
  if (!ctx.random.chance(BENIGN.same / BENIGN.rejected)) return [broken];
  const later = at + between(ctx.random, [20_000, 120_000]);
  // The good value is filled in when the plan is carried out.
  return [broken, { ...plannedHarmless(made, later, 'same'), edit: (document) => document }];
}
