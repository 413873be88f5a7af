import type { Outcome } from '@aisix-observability/evidence';
import { answerFields, type Call, directModel, providerFields, type ScenarioContext, startCall } from './call.ts';
import { type AttemptPlan, compose, type SimulatedRequest } from './compose.ts';
import { type Answer, activeAt, answerOf } from './faults.ts';
import { refuse } from './refusals.ts';
import type { CallFields, UsageFields } from './usageEvent.ts';
import type { DirectModel, RoutingModel } from './world.ts';

export interface ChatOptions {
  readonly scenario: string;
  readonly model: DirectModel | RoutingModel;
  readonly stream?: boolean;
  /** Answers of the first tries, in order; what follows is decided by the faults of the time. */
  readonly answers?: readonly Answer[];
  /** Fields of the terminal event that differ from an ordinary answer. */
  readonly ending?: UsageFields;
  readonly outcome?: Outcome;
}

/** Tries of one target of a direct model, the first one included. */
const MAX_TRIES = 3;
/** How long a routing group leaves a failing target alone. */
const COOLDOWN_MS = 5_000;

export const INPUT_GUARDRAIL: CallFields = { applied_guardrails: [{ kind: 'keyword', hook: 'input' }] };

/** One request to a chat endpoint: gates, then tries until a target answers or none is left. */
export function chat(ctx: ScenarioContext, options: ChatOptions): SimulatedRequest {
  const { model } = options;
  const protocol = model.kind === 'direct' ? (model.protocol ?? 'openai') : 'openai';
  const call = startCall(ctx, { requested_model: model.name, inbound_protocol: protocol });
  const refused = gate(ctx, call, options);
  if (refused !== undefined) return refused;

  const overhead = 0.6 + ctx.random.next() * 1.8;
  const tries = model.kind === 'routing' ? tryTargets(ctx, options, model) : tryOne(ctx, options, model);
  if (tries.length === 0) return refuse(ctx, call, 'cooldown', model.id);

  const last = tries.at(-1);
  const winner = last?.answer.ok === true ? last : undefined;
  const end = (last?.end ?? ctx.start) + overhead;
  const answered = winner && options.outcome === undefined;
  return compose(
    {
      scenario: options.scenario,
      start: ctx.start,
      end,
      outcome: options.outcome ?? (last === undefined ? 'unknown' : outcomeOfAnswer(last.answer)),
      servedModel: answered ? winner.target.name : undefined,
      stream: winner !== undefined && options.stream === true,
      remoteParent: call.remoteParent,
      common: { ...call.common, ...INPUT_GUARDRAIL },
      attempts: tries.map((item) => attemptOf(ctx, item, model, options)),
      tracked: true,
      ...(winner?.firstTokenAt !== undefined && { dispatchedAt: winner.firstTokenAt }),
    },
    call.newSpanId,
  );
}

interface Try {
  readonly target: DirectModel;
  readonly kind: 'initial' | 'retry' | 'fallback';
  readonly answer: Answer;
  readonly start: number;
  readonly end: number;
  readonly firstTokenAt?: number;
}

function tryOnce(
  ctx: ScenarioContext,
  options: ChatOptions,
  target: DirectModel,
  before: readonly Try[],
  start: number,
) {
  const { random } = ctx;
  const answer = options.answers?.[before.length] ?? answerOf(target, start, ctx.faults);
  const previous = before.at(-1);
  const kind = previous === undefined ? 'initial' : previous.target === target ? 'retry' : 'fallback';
  if (!answer.ok) {
    const took =
      answer.afterMs === undefined ? random.skewed(target.medianMs * 0.3, 0.4) : answer.afterMs + random.next();
    return { target, kind, answer, start, end: start + took } satisfies Try;
  }
  const took = random.skewed(target.medianMs, 0.45) * (answer.slowdown ?? 1);
  if (options.stream !== true) return { target, kind, answer, start, end: start + took } satisfies Try;
  const [least, most] = target.streamTimes ?? [2, 5];
  const end = start + took * (least + random.next() * (most - least));
  return { target, kind, answer, start, end, firstTokenAt: start + took * 0.4 } satisfies Try;
}

function tryOne(ctx: ScenarioContext, options: ChatOptions, model: DirectModel): Try[] {
  const tries: Try[] = [];
  let at = ctx.start + 0.4 + ctx.random.next();
  while (tries.length < MAX_TRIES) {
    const item = tryOnce(ctx, options, model, tries, at);
    tries.push(item);
    if (item.answer.ok || !item.answer.again) break;
    // Back-off of the gateway: 200 ms, doubling, with jitter.
    at = item.end + 200 * 2 ** (tries.length - 1) * (0.75 + ctx.random.next() * 0.5);
  }
  return tries;
}

function tryTargets(ctx: ScenarioContext, options: ChatOptions, model: RoutingModel): Try[] {
  const tries: Try[] = [];
  let at = ctx.start + 0.4 + ctx.random.next();
  const scripted = options.answers !== undefined;
  for (const name of model.targets) {
    if (!scripted && (ctx.cooldowns.get(name) ?? 0) > at) continue;
    const item = tryOnce(ctx, options, directModel(ctx, name), tries, at);
    tries.push(item);
    if (item.answer.ok) break;
    if (!scripted) ctx.cooldowns.set(name, item.end + COOLDOWN_MS);
    // A group goes on after a failure of the provider, not after its refusal of the key.
    if (!item.answer.again && item.answer.status !== 504) break;
    at = item.end + 0.5 + ctx.random.next() * 2;
  }
  return tries;
}

function attemptOf(
  ctx: ScenarioContext,
  item: Try,
  model: DirectModel | RoutingModel,
  options: ChatOptions,
): AttemptPlan {
  const { target, answer, start, end, firstTokenAt } = item;
  const who: UsageFields = {
    model_id: target.id,
    attempt_kind: item.kind,
    attempt_model: model.kind === 'routing' ? target.name : undefined,
    ...providerFields(target),
  };
  if (!answer.ok) {
    const { status, errorClass, message } = answer;
    return { start, end, fields: { ...who, status_code: status, error_class: errorClass, error_message: message } };
  }
  const settled = firstTokenAt ?? end;
  return {
    start,
    end,
    fields: {
      ...who,
      ...answerFields(ctx, target),
      status_code: 200,
      cache_status: target.protocol === 'anthropic' ? undefined : target.cached ? 'miss' : 'disabled',
      upstream_ttft_ms: firstTokenAt === undefined ? undefined : Math.floor(firstTokenAt - start),
      downstream_latency_ms: Math.floor(settled - ctx.start),
      ...options.ending,
    },
  };
}

function outcomeOfAnswer(answer: Answer): Outcome {
  if (answer.ok) return 'success';
  if (answer.errorClass === 'timeout') return 'provider_timeout';
  if (answer.errorClass === 'rate_limit_exceeded') return 'rate_limited';
  return answer.status === 401 ? 'provider_auth' : 'provider_error';
}

/** What stops a request before any provider is called, by the faults of the time. */
function gate(ctx: ScenarioContext, call: Call, { model }: ChatOptions): SimulatedRequest | undefined {
  for (const fault of activeAt(ctx.start, ctx.faults)) {
    if (fault.kind === 'model_deleted' && fault.model === model.name) return refuse(ctx, call, 'not_found', '');
    if (fault.kind === 'forbidden' && fault.key === call.key.name && fault.exceptModel !== model.name) {
      return refuse(ctx, call, 'forbidden', model.id);
    }
    if (fault.kind === 'rate_limit' && fault.key === call.key.name && ctx.random.chance(fault.share)) {
      return refuse(ctx, call, 'rate_limit', model.id);
    }
    if (fault.kind === 'guardrail' && ctx.random.chance(fault.share)) {
      return refuse(ctx, call, 'guardrail_input', model.id);
    }
  }
  return undefined;
}
