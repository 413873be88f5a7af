import type { Random } from '../../gateway/random.ts';
import { WORLD } from '../parameters.ts';
import type { EnsembleModel, RoutingModel, World } from '../world/world.ts';
import { type Call, CLIENT_CLOSED, type Try } from './call.ts';
import { type Effect, heightOf, type Refusal } from './effects.ts';
import { type Answer, type Providers, usualP90 } from './provider.ts';

/** Works requests off one after the other, in order of start. */
export interface Gateway {
  /** Undefined where the gateway turns the caller away without an event. */
  handle(at: number, caller: number, model: number, dataPlane: number): Call | undefined;
}

/** What the gateway does beside waiting for providers, milliseconds. */
const OVERHEAD_MS = 1.5;
/** Pause before another try of the same model, milliseconds. */
const BACK_OFF_MS = 200;

type Refused = NonNullable<Call['refused']>;

const INVALID: Refused = { status: 400, errorClass: 'invalid_request_error', blocked: false, withoutModel: false };
const BLOCKED: Refused = { status: 422, errorClass: 'content_filter', blocked: true, withoutModel: false };
const LIMITED: Refused = { status: 429, errorClass: 'rate_limit_exceeded', blocked: false, withoutModel: false };
const EXHAUSTED: Refused = {
  status: 503,
  errorClass: 'all_candidates_unavailable',
  blocked: false,
  withoutModel: false,
};

interface RefusedBy {
  readonly refused: Refused;
  readonly cause: number;
}

interface Asked {
  readonly at: number;
  readonly caller: number;
  readonly model: number;
  readonly dataPlane: number;
}

/** One shape for every call, built in one place: there are millions. */
function ended(
  { at, model, caller, dataPlane }: Asked,
  end: number,
  ttftMs: number | undefined,
  cacheHit: boolean,
  tries: readonly Try[],
  refused: Refused | undefined,
  cause: number,
): Call {
  return { start: at, end, model, caller, dataPlane, ttftMs, cacheHit, tries, refused, cause };
}

interface Tried {
  readonly tries: readonly Try[];
  /** Milliseconds from the first attempt to the last one's end. */
  readonly tookMs: number;
  readonly cause: number;
}

export function createGateway(random: Random, world: World, providers: Providers, effects: readonly Effect[]): Gateway {
  const refusals = effects.filter((effect) => effect.kind === 'refusal');
  const vanished = effects.filter((effect) => effect.kind === 'vanished');
  const targets = effects.filter((effect) => effect.kind === 'targets');
  const uncached = effects.filter((effect) => effect.kind === 'no_cache');
  const untried = effects.filter((effect) => effect.kind === 'no_retries');
  const cooledUntil = new Float64Array(world.dataPlanes.length * world.models.length);
  /** Whose failure it was that cooled a target down. */
  const cooledBy = new Int32Array(cooledUntil.length).fill(-1);
  const passed = new Map<Refusal, Map<string, number>>();
  let turn = 0;

  function refusalBy(effect: Refusal, at: number, caller: number, model: number, dataPlane: number): boolean {
    if (!effect.callers.has(caller) || !effect.models.has(model)) return false;
    const height = heightOf(effect, at, dataPlane);
    if (height === 0) return false;
    if (effect.perMinute === undefined) return random.next() < effect.share * height;
    const counts = passed.get(effect) ?? new Map<string, number>();
    passed.set(effect, counts);
    const minute = `${Math.floor(at / 60_000)}/${dataPlane}`;
    const count = (counts.get(minute) ?? 0) + 1;
    counts.set(minute, count);
    return count > effect.perMinute;
  }

  const p90 = (index: number): number => {
    const model = world.models[index];
    return model?.kind === 'direct' ? usualP90(model) : Number.POSITIVE_INFINITY;
  };

  const toTry = (model: number, kind: Try['kind'], answer: Answer): Try => ({
    model,
    kind,
    tookMs: answer.tookMs,
    status: answer.status,
    errorClass: answer.errorClass,
    message: answer.message,
  });

  function tryDirect(model: number, at: number, dataPlane: number): Tried {
    const tries: Try[] = [];
    let tookMs = 0;
    let cause = -1;
    let left: number = WORLD.retries;
    for (const effect of untried) {
      if (effect.model === model && heightOf(effect, at, dataPlane) > 0) left = 0;
    }
    for (;;) {
      const answer = providers.attempt(model, at + tookMs, dataPlane);
      tries.push(toTry(model, tries.length === 0 ? 'initial' : 'retry', answer));
      tookMs += answer.tookMs;
      if (answer.cause >= 0) cause = answer.cause;
      if (!answer.again || left === 0) {
        if (answer.again && left === 0) cause = noRetriesOf(model, at, dataPlane) ?? cause;
        return { tries, tookMs, cause };
      }
      left--;
      tookMs += BACK_OFF_MS * 2 ** (tries.length - 1) * (0.75 + random.next() / 2);
    }
  }

  /** The fault that took the retries away, for a failure that another try might have healed. */
  function noRetriesOf(model: number, at: number, dataPlane: number): number | undefined {
    return untried.find((effect) => effect.model === model && heightOf(effect, at, dataPlane) > 0)?.cause;
  }

  function tryTargets(group: RoutingModel, index: number, at: number, dataPlane: number): Tried | RefusedBy {
    let list = group.targets;
    let movedBy = -1;
    for (const effect of targets) {
      if (effect.group !== index || heightOf(effect, at, dataPlane) === 0) continue;
      list = effect.targets;
      movedBy = effect.cause;
    }
    if (list.some((target) => target < 0)) return { refused: INVALID, cause: movedBy };
    if (group.strategy === 'round_robin') {
      const first = turn++ % list.length;
      list = [...list.slice(first), ...list.slice(0, first)];
    }
    const tries: Try[] = [];
    let tookMs = 0;
    let cause = -1;
    let exhaustedBy = movedBy;
    for (const target of list) {
      const place = dataPlane * world.models.length + target;
      if ((cooledUntil[place] ?? 0) > at + tookMs) {
        exhaustedBy = Math.max(exhaustedBy, cooledBy[place] ?? -1);
        continue;
      }
      const answer = providers.attempt(target, at + tookMs, dataPlane);
      tries.push(toTry(target, tries.length === 0 ? 'initial' : 'fallback', answer));
      tookMs += answer.tookMs;
      if (answer.cause >= 0) cause = answer.cause;
      if (answer.errorClass === undefined) break;
      cooledUntil[place] = at + tookMs + (answer.passing ? WORLD.shortCooldownMs : WORLD.cooldownMs);
      cooledBy[place] = answer.cause;
    }
    if (tries.length === 0) return { refused: EXHAUSTED, cause: exhaustedBy };
    // Other targets do harm where they take longer than the usual one does in nine of ten cases.
    if (cause < 0 && movedBy >= 0 && tookMs > p90(group.targets[0] ?? 0)) cause = movedBy;
    return { tries, tookMs, cause };
  }

  function askPanel({ panel, judge }: EnsembleModel, at: number, dataPlane: number): Tried {
    let tookMs = 0;
    let cause = -1;
    const tries = panel.map((member) => {
      const answer = providers.attempt(member, at, dataPlane);
      tookMs = Math.max(tookMs, answer.tookMs);
      if (answer.cause >= 0) cause = answer.cause;
      return toTry(member, 'panel', answer);
    });
    const last = providers.attempt(judge, at + tookMs, dataPlane);
    if (last.cause >= 0) cause = last.cause;
    return { tries: [...tries, toTry(judge, 'judge', last)], tookMs: tookMs + last.tookMs, cause };
  }

  function refuse(at: number, caller: number, model: number, dataPlane: number, refused: Refused, cause: number): Call {
    return ended({ at, caller, model, dataPlane }, at + OVERHEAD_MS, undefined, false, [], refused, cause);
  }

  function ownRefusal(caller: number): Refused | undefined {
    const { invalid = 0, blocked = 0, limited = 0 } = world.callers[caller] ?? {};
    if (invalid + blocked + limited === 0) return undefined;
    const at = random.next();
    if (at < invalid) return INVALID;
    if (at < invalid + blocked) return BLOCKED;
    return at < invalid + blocked + limited ? LIMITED : undefined;
  }

  function handle(at: number, caller: number, index: number, dataPlane: number): Call | undefined {
    for (const effect of vanished) {
      if (effect.callers.has(caller) && heightOf(effect, at, dataPlane) > 0) return undefined;
    }
    for (const effect of refusals) {
      if (refusalBy(effect, at, caller, index, dataPlane))
        return refuse(at, caller, index, dataPlane, effect, effect.cause);
    }
    const own = ownRefusal(caller);
    if (own !== undefined) return refuse(at, caller, index, dataPlane, own, -1);
    const model = world.models[index];
    if (model === undefined) throw new RangeError('The model is not of this world.');
    let missedBy = -1;
    if (model.kind === 'direct' && model.cacheHits > 0 && random.next() < model.cacheHits) {
      const off = uncached.find((effect) => effect.model === index && heightOf(effect, at, dataPlane) > 0);
      if (off === undefined) {
        return ended({ at, caller, model: index, dataPlane }, at + OVERHEAD_MS, undefined, true, [], undefined, -1);
      }
      missedBy = off.cause;
    }
    const tried =
      model.kind === 'direct'
        ? tryDirect(index, at, dataPlane)
        : model.kind === 'routing'
          ? tryTargets(model, index, at, dataPlane)
          : askPanel(model, at, dataPlane);
    if ('refused' in tried) return refuse(at, caller, index, dataPlane, tried.refused, tried.cause);
    return answered(at, caller, index, dataPlane, tried, missedBy);
  }

  function answered(
    at: number,
    caller: number,
    model: number,
    dataPlane: number,
    { tries, tookMs, cause: triedCause }: Tried,
    missedBy: number,
  ): Call {
    const cause = triedCause < 0 && tookMs > p90(model) ? missedBy : triedCause;
    const last = tries.at(-1);
    const asked = { at, caller, model, dataPlane };
    const end = at + tookMs + OVERHEAD_MS;
    const streamed = last?.errorClass === undefined && last?.kind !== 'judge' && random.next() < WORLD.streamed;
    if (!streamed || last === undefined) return ended(asked, end, undefined, false, tries, undefined, cause);
    // What was drawn is the time to the whole answer; its tokens come from two fifths of it on.
    const ttftMs = Math.max(1, Math.round(last.tookMs * 0.4));
    const left = random.next() < WORLD.leavesStream;
    const told = left ? [...tries.slice(0, -1), { ...last, status: CLIENT_CLOSED }] : tries;
    return ended(asked, end, ttftMs, false, told, undefined, cause);
  }

  return { handle };
}
