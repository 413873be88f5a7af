import type { Random } from '../../gateway/random.ts';
import { normal, wander } from '../draw.ts';
import { TIMES, WORLD } from '../parameters.ts';
import type { DirectModel, World } from '../world/world.ts';
import { type Effect, heightOf } from './effects.ts';

/** How one attempt went. */
export interface Answer {
  readonly tookMs: number;
  readonly status: number;
  readonly errorClass: string | undefined;
  readonly message: string | undefined;
  /** The gateway tries a direct model again. */
  readonly again: boolean;
  /** The group comes back to the target soon. */
  readonly passing: boolean;
  readonly cause: number;
}

interface OwnFailure {
  readonly weight: number;
  readonly status: number;
  readonly errorClass: string;
  readonly message: string;
  readonly again: boolean;
}

/** How providers fail by themselves. */
const OWN_FAILURES: readonly OwnFailure[] = [
  {
    weight: 4,
    status: 502,
    errorClass: 'upstream_status',
    message: 'upstream returned HTTP 500: The server had an error',
    again: false,
  },
  {
    weight: 3,
    status: 502,
    errorClass: 'upstream_status',
    message: 'upstream returned HTTP 503: The engine is currently overloaded',
    again: true,
  },
  {
    weight: 1.5,
    status: 429,
    errorClass: 'upstream_status',
    message: 'upstream returned HTTP 429: Too many requests',
    again: true,
  },
  {
    weight: 1,
    status: 502,
    errorClass: 'transport',
    message: 'transport error: connection closed before message completed',
    again: true,
  },
];

const FAILURE_WEIGHT = OWN_FAILURES.reduce((sum, { weight }) => sum + weight, 0);

/** From this share of failures on a target is left alone for long: a probe finds it dead again. */
const LASTING_SHARE = 0.5;

/** z of the ninetieth percentile: slowness counts where it lifts a request above it. */
const Z_P90 = 1.2816;

/** Nine of ten attempts of the model take less, milliseconds. */
export function usualP90({ medianMs, spreadOfLog }: DirectModel): number {
  return medianMs * Math.exp(spreadOfLog * Z_P90);
}

/** The providers of a world: pure apart from the stream of randomness that it draws from. */
export interface Providers {
  /** One attempt at a direct model, begun `at` milliseconds from the window's start. */
  attempt(model: number, at: number, dataPlane: number): Answer;
}

export function createProviders(random: Random, world: World, effects: readonly Effect[]): Providers {
  const minutes = Math.ceil(TIMES.length / 60_000) + 3;
  const failing = world.providers.map(() => wander(random, minutes, WORLD.failureWander, WORLD.failureMemory));
  const slowing = world.providers.map(() => wander(random, minutes, WORLD.latencyWander, WORLD.latencyMemory));
  const byModel = world.models.map((_, model) =>
    effects.filter(
      (effect) =>
        ((effect.kind === 'attempt_failure' || effect.kind === 'slow') && effect.models.has(model)) ||
        (effect.kind === 'timeout' && effect.model === model),
    ),
  );

  function ownFailure(provider: number, minute: number): OwnFailure | undefined {
    const chance = (world.providers[provider]?.failure ?? 0) * Math.exp(failing[provider]?.[minute] ?? 0);
    if (chance === 0 || random.next() >= chance) return undefined;
    let left = random.next() * FAILURE_WEIGHT;
    for (const failure of OWN_FAILURES) {
      left -= failure.weight;
      if (left < 0) return failure;
    }
    return OWN_FAILURES[0];
  }

  function attempt(index: number, at: number, dataPlane: number): Answer {
    const model = world.models[index] as DirectModel;
    const provider = world.providerKeys[model.providerKey]?.provider ?? 0;
    const minute = Math.min(minutes - 1, Math.floor(at / 60_000));
    const z = normal(random);
    const usual = model.medianMs * Math.exp(model.spreadOfLog * z + (slowing[provider]?.[minute] ?? 0));
    let took = usual;
    let cause = -1;
    let cutAt: number = WORLD.timeoutMs;
    let cutBy = -1;
    for (const effect of byModel[index] ?? []) {
      const height = heightOf(effect, at, dataPlane);
      if (height === 0) continue;
      if (effect.kind === 'attempt_failure') {
        if (random.next() >= effect.share * height) continue;
        return {
          tookMs: Math.max(0, Math.round(random.skewed(effect.afterMs, 0.4))),
          status: effect.status,
          errorClass: effect.errorClass,
          message: effect.message,
          again: effect.again,
          passing: effect.cause < 0 || effect.errorClass === 'timeout' || effect.share < LASTING_SHARE,
          cause: effect.cause,
        };
      }
      if (effect.kind === 'slow') {
        took *= 1 + (effect.factor - 1) * height;
        const limit = usualP90(model);
        if (usual <= limit && took > limit) cause = effect.cause;
      }
      if (effect.kind === 'timeout' && effect.timeoutMs < cutAt) {
        cutAt = effect.timeoutMs;
        cutBy = effect.cause;
      }
    }
    const own = ownFailure(provider, minute);
    if (own !== undefined) {
      const { status, errorClass, message, again } = own;
      return {
        tookMs: Math.round(random.skewed(model.medianMs * 0.3, 0.5)),
        status,
        errorClass,
        message,
        again,
        passing: true,
        cause: -1,
      };
    }
    if (took > cutAt) {
      const tookMs = Math.round(cutAt) + random.int(0, 3);
      const message = `upstream request timed out after ${tookMs}ms`;
      return { tookMs, status: 504, errorClass: 'timeout', message, again: false, passing: true, cause: cutBy };
    }
    const tookMs = Math.round(took);
    return { tookMs, status: 200, errorClass: undefined, message: undefined, again: false, passing: true, cause };
  }

  return { attempt };
}
