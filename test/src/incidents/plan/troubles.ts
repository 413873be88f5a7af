import type { Random } from '../../gateway/random.ts';
import { between, logBetween } from '../draw.ts';
import type { AttemptFailure, Effect } from '../gateway/effects.ts';
import { FAULT, TIMES, TROUBLE } from '../parameters.ts';
import { providerOfModel, type World } from '../world/world.ts';
import type { PlannedTrouble, Reach } from './plan.ts';
import { all, reachOf } from './worth.ts';

export interface TroubleContext {
  readonly random: Random;
  readonly world: World;
  /** Index that the effects carry as their cause. */
  readonly cause: number;
  readonly from: number;
}

export interface DrawnTrouble {
  readonly trouble: PlannedTrouble;
  readonly effects: readonly Effect[];
  /** Resources of which a bystander may be one, `<kind>/<id>`. */
  readonly near: ReadonlySet<string>;
}

/** How a provider fails when it is down. */
const WAYS_DOWN = [
  {
    status: 502,
    errorClass: 'upstream_status',
    message: 'upstream returned HTTP 503: The engine is currently overloaded',
    afterMs: 60,
    again: true,
  },
  {
    status: 502,
    errorClass: 'upstream_status',
    message: 'upstream returned HTTP 500: The server had an error',
    afterMs: 90,
    again: false,
  },
  {
    status: 429,
    errorClass: 'upstream_status',
    message: 'upstream returned HTTP 429: You exceeded your current quota',
    afterMs: 40,
    again: true,
  },
  {
    status: 502,
    errorClass: 'transport',
    message: 'transport error: error sending request for url (connection reset by peer)',
    afterMs: 10,
    again: true,
  },
  {
    status: 504,
    errorClass: 'timeout',
    message: 'upstream request timed out after 30001ms',
    afterMs: 30_000,
    again: false,
  },
] as const satisfies readonly Partial<AttemptFailure>[];

/** Every data plane alike. */
const everywhere = (world: World, at: number) => world.dataPlanes.map(() => at);

function untilOf({ random, from }: TroubleContext): number {
  return Math.min(TIMES.length, from + between(random, TROUBLE.lastsMs));
}

/** A provider down (`outage`), down in part, or slow; nobody changed anything. */
export function drawProviderTrouble(ctx: TroubleContext, sort: 'outage' | 'partial' | 'slow'): DrawnTrouble {
  const { random, world, cause, from } = ctx;
  const modelsOf = (provider: number) =>
    new Set([...world.models.keys()].filter((model) => providerOfModel(world, model) === provider));
  const shareOf = ({ models }: Reach) => [...models].reduce((sum, model) => sum + (world.modelShare[model] ?? 0), 0);
  const worth = [...world.providers.keys()].filter(
    (provider) => shareOf(reachOf(world, modelsOf(provider))) >= FAULT.leastShare,
  );
  const provider = random.pick(worth);
  const models = modelsOf(provider);
  const to = untilOf(ctx);
  const times = { cause, from: everywhere(world, from), to: everywhere(world, to), rampMs: 1 + 30_000 * random.next() };
  const share = between(random, sort === 'outage' ? TROUBLE.outageShare : TROUBLE.partialShare);
  const effect: Effect =
    sort === 'slow'
      ? { kind: 'slow', models, factor: between(random, TROUBLE.slowBy), ...times }
      : { kind: 'attempt_failure', models, share, ...random.pick(WAYS_DOWN), ...times };
  const keys = world.providerKeys.filter((key) => key.provider === provider);
  return {
    trouble: {
      kind: sort === 'slow' ? 'slow' : 'outage',
      from,
      to,
      names: keys.map(({ name }) => name),
      reach: reachOf(world, models),
    },
    effects: [effect],
    near: new Set([
      ...keys.map(({ id }) => `provider_key/${id}`),
      ...[...models].map((model) => `model/${world.models[model]?.id}`),
    ]),
  };
}

/** Everything at once is a little worse: the network, the machine, the load. */
export function drawDisturbance(ctx: TroubleContext): DrawnTrouble {
  const { random, world, cause, from } = ctx;
  const { chance, failure, slowBy, surge, rampMs } = TROUBLE.disturbance;
  const to = untilOf(ctx);
  const times = { cause, from: everywhere(world, from), to: everywhere(world, to), rampMs };
  const models = all(world.models.length);
  const callers = all(world.callers.length);
  const effects: Effect[] = [];
  while (effects.length === 0) {
    if (random.chance(chance)) {
      const share = logBetween(random, failure);
      effects.push({ kind: 'attempt_failure', models, share, ...WAYS_DOWN[3], again: false, ...times });
    }
    if (random.chance(chance)) effects.push({ kind: 'slow', models, factor: between(random, slowBy), ...times });
    if (random.chance(chance)) effects.push({ kind: 'surge', callers, factor: between(random, surge), ...times });
  }
  return {
    trouble: { kind: 'disturbance', from, to, names: [], reach: { models, callers } },
    effects,
    near: new Set(),
  };
}

/** One caller sends nonsense, forbidden words or too much. */
export function drawCallerTrouble(ctx: TroubleContext): DrawnTrouble {
  const { random, world, cause, from } = ctx;
  const worth = [...world.callers.keys()].filter((index) => (world.callerShare[index] ?? 0) >= FAULT.leastShare);
  const caller = random.pick(worth);
  const callers = new Set([caller]);
  const models = all(world.models.length);
  const to = untilOf(ctx);
  const times = { cause, from: everywhere(world, from), to: everywhere(world, to) };
  const refused = random.pick([
    { status: 400, errorClass: 'invalid_request_error', blocked: false },
    { status: 422, errorClass: 'content_filter', blocked: true },
    { status: 429, errorClass: 'rate_limit_exceeded', blocked: false },
  ]);
  const share = between(random, TROUBLE.callerShare);
  return {
    trouble: {
      kind: 'caller',
      from,
      to,
      names: [world.callers[caller]?.name ?? ''],
      reach: { models, callers },
    },
    effects: [
      { kind: 'refusal', models, callers, share, withoutModel: false, ...refused, ...times },
      { kind: 'surge', callers, factor: 1 + random.next() * 3, ...times },
    ],
    near: new Set([`api_key/${world.callers[caller]?.id}`]),
  };
}
