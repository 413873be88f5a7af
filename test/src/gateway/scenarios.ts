import { anyModel, providerFields, type ScenarioContext, startCall } from './call.ts';
import { chat, INPUT_GUARDRAIL } from './chat.ts';
import { compose, type SimulatedRequest } from './compose.ts';
import { ensemble } from './ensemble.ts';
import {
  ANSWERED,
  PROVIDER_DOWN,
  PROVIDER_REFUSES_KEY,
  PROVIDER_UNREACHABLE,
  TARGET_LIMITED,
  timedOut,
} from './faults.ts';
import { type Refusal, refuse } from './refusals.ts';
import { type SingleShot, singleShot } from './singleShot.ts';
import type { DirectModel, RoutingModel } from './world.ts';

export type Scenario = (ctx: ScenarioContext) => SimulatedRequest;

const openai = (ctx: ScenarioContext) => anyModel(ctx, 'direct', (model) => model.protocol !== 'anthropic');
const group = (ctx: ScenarioContext) => anyModel(ctx, 'routing');

/** Whichever chat model callers ask for. */
function anyChatModel(ctx: ScenarioContext): DirectModel | RoutingModel {
  return ctx.random.chance(0.25) ? group(ctx) : openai(ctx);
}

const refusal =
  (reason: Refusal): Scenario =>
  (ctx) => {
    const model = anyChatModel(ctx);
    return refuse(ctx, startCall(ctx, { requested_model: model.name }), reason, model.id);
  };

const once =
  (kind: SingleShot): Scenario =>
  (ctx) =>
    singleShot(ctx, kind);

/** An answer out of the cache: one event, nothing called. */
function cacheHit(ctx: ScenarioContext, layer: 'exact' | 'semantic'): SimulatedRequest {
  const model = anyModel(ctx, 'direct', (item) => item.cached === true);
  const call = startCall(ctx, { requested_model: model.name });
  const [input, output] = [ctx.random.int(30, 400), ctx.random.int(20, 200)];
  const elapsed = layer === 'exact' ? ctx.random.next() : 2 + ctx.random.next() * 6;
  return compose(
    {
      scenario: `cache_${layer}`,
      start: ctx.start,
      end: ctx.start + elapsed + 0.2,
      outcome: 'success',
      servedModel: model.name,
      remoteParent: call.remoteParent,
      common: { ...call.common, ...INPUT_GUARDRAIL },
      attempts: [],
      closing: {
        model_id: model.id,
        status_code: 200,
        attempt_kind: 'initial',
        prompt_tokens: input,
        completion_tokens: output,
        upstream_latency_ms: Math.floor(elapsed),
        downstream_latency_ms: Math.floor(elapsed),
        cache_status: 'hit',
        cache_hit_layer: layer,
        cache_similarity: layer === 'semantic' ? 0.93 : undefined,
        cache_hit_saved_input_tokens: input,
        cache_hit_saved_output_tokens: output,
        ...providerFields(model),
      },
      tracked: true,
    },
    call.newSpanId,
  );
}

const OUTPUT_HIT = {
  guardrail_blocked: true,
  applied_guardrails: [{ kind: 'keyword', hook: 'both' }],
  guardrail_enforced_hits: [{ guardrail_name: 'no-leaks', hook: 'output', action: 'blocked', duration_us: 25 }],
};

/** Every kind of request that the simulator can make, by name. */
export const SCENARIOS = {
  success: (ctx) => chat(ctx, { scenario: 'success', model: anyChatModel(ctx) }),
  stream: (ctx) => chat(ctx, { scenario: 'stream', model: anyChatModel(ctx), stream: true }),
  anthropic: (ctx) =>
    chat(ctx, {
      scenario: 'anthropic',
      model: anyModel(ctx, 'direct', (model) => model.protocol === 'anthropic'),
      stream: ctx.random.chance(0.5),
    }),
  retry: (ctx) => chat(ctx, { scenario: 'retry', model: openai(ctx), answers: [PROVIDER_DOWN, ANSWERED] }),
  failover: (ctx) => chat(ctx, { scenario: 'failover', model: group(ctx), answers: [PROVIDER_DOWN, ANSWERED] }),
  failover_timeout: (ctx) =>
    chat(ctx, { scenario: 'failover_timeout', model: group(ctx), answers: [timedOut(800), ANSWERED] }),
  failover_limited: (ctx) =>
    chat(ctx, { scenario: 'failover_limited', model: group(ctx), answers: [TARGET_LIMITED, ANSWERED] }),
  failover_stream: (ctx) =>
    chat(ctx, { scenario: 'failover_stream', model: group(ctx), stream: true, answers: [PROVIDER_DOWN, ANSWERED] }),
  all_failed: (ctx) =>
    chat(ctx, {
      scenario: 'all_failed',
      model: ctx.random.chance(0.5) ? openai(ctx) : group(ctx),
      answers: [PROVIDER_DOWN, PROVIDER_DOWN, PROVIDER_DOWN],
    }),
  transport: (ctx) =>
    chat(ctx, {
      scenario: 'transport',
      model: openai(ctx),
      answers: [PROVIDER_UNREACHABLE, PROVIDER_UNREACHABLE, PROVIDER_UNREACHABLE],
    }),
  timeout: (ctx) => chat(ctx, { scenario: 'timeout', model: openai(ctx), answers: [timedOut(1_500)] }),
  provider_auth: (ctx) => chat(ctx, { scenario: 'provider_auth', model: openai(ctx), answers: [PROVIDER_REFUSES_KEY] }),
  client_closed: (ctx) =>
    chat(ctx, {
      scenario: 'client_closed',
      model: openai(ctx),
      stream: true,
      answers: [ANSWERED],
      outcome: 'client_closed',
      ending: { status_code: 499, usage_estimated: true, finish_reason: undefined },
    }),
  guardrail_output: (ctx) =>
    chat(ctx, {
      scenario: 'guardrail_output',
      model: openai(ctx),
      answers: [ANSWERED],
      outcome: 'guardrail_blocked',
      ending: { status_code: 422, ...OUTPUT_HIT },
    }),
  guardrail_output_stream: (ctx) =>
    chat(ctx, {
      scenario: 'guardrail_output_stream',
      model: openai(ctx),
      stream: true,
      answers: [ANSWERED],
      outcome: 'guardrail_blocked',
      ending: { status_code: 200, usage_estimated: true, downstream_latency_ms: undefined, ...OUTPUT_HIT },
    }),
  cache_exact: (ctx) => cacheHit(ctx, 'exact'),
  cache_semantic: (ctx) => cacheHit(ctx, 'semantic'),
  guardrail_input: refusal('guardrail_input'),
  budget: refusal('budget'),
  rate_limit: refusal('rate_limit'),
  forbidden: refusal('forbidden'),
  not_found: refusal('not_found'),
  cooldown: (ctx) => {
    const model = group(ctx);
    return refuse(ctx, startCall(ctx, { requested_model: model.name }), 'cooldown', model.id);
  },
  ensemble: (ctx) => ensemble(ctx),
  ensemble_blocked: (ctx) => ensemble(ctx, { blocked: true }),
  mcp: once('mcp'),
  mcp_blocked: once('mcp_blocked'),
  a2a: once('a2a'),
  passthrough: once('passthrough'),
  realtime: once('realtime'),
  embeddings: once('embeddings'),
  embeddings_failed: once('embeddings_failed'),
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;

export const SCENARIO_NAMES = Object.keys(SCENARIOS) as ScenarioName[];

/** Shares of scenarios; they need not sum to 1. */
export type Mix = Partial<Readonly<Record<ScenarioName, number>>>;

/** A healthy gateway with ordinary trouble. */
export const EVERYDAY_MIX: Mix = {
  success: 52,
  stream: 18,
  anthropic: 7,
  retry: 2,
  failover: 2,
  failover_stream: 1,
  failover_timeout: 1,
  all_failed: 0.6,
  timeout: 0.5,
  client_closed: 0.6,
  guardrail_output: 0.3,
  cache_exact: 3,
  cache_semantic: 1,
  guardrail_input: 0.5,
  budget: 0.3,
  rate_limit: 0.6,
  forbidden: 0.2,
  not_found: 0.2,
  ensemble: 2,
  ensemble_blocked: 0.1,
  mcp: 2,
  mcp_blocked: 0.1,
  a2a: 1,
  passthrough: 1,
  realtime: 0.3,
  embeddings: 3,
  embeddings_failed: 0.2,
};

/** Every scenario as often as every other. */
export const EVEN_MIX: Mix = Object.fromEntries(SCENARIO_NAMES.map((name) => [name, 1]));
