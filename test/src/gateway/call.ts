import type { RequestPlan } from './compose.ts';
import type { Fault } from './faults.ts';
import type { RemoteParent } from './otlpSpan.ts';
import type { Random } from './random.ts';
import type { CallFields, UsageFields } from './usageEvent.ts';
import type { CallerKey, DirectModel, SimulatedModel } from './world.ts';

/** What a scenario may use. */
export interface ScenarioContext {
  readonly random: Random;
  readonly models: readonly SimulatedModel[];
  readonly keys: readonly CallerKey[];
  readonly faults: readonly Fault[];
  /** Epoch milliseconds at which the request arrives. */
  readonly start: number;
  /** Until when a target of a routing group is left alone, by model name; scenarios write to it. */
  readonly cooldowns: Map<string, number>;
}

/** A caller at the door: the ids and the fields that stand on every event of its request. */
export interface Call {
  readonly key: CallerKey;
  readonly common: RequestPlan['common'];
  readonly remoteParent: RemoteParent | undefined;
  readonly newSpanId: () => string;
}

/** Share of callers that send a `traceparent`, as in the recorded stories. */
const TRACED_SHARE = 0.3;

export function startCall(ctx: ScenarioContext, fields: CallFields): Call {
  const { random } = ctx;
  const key = random.weighted(ctx.keys.map((item) => [item, item.weight] as const));
  return {
    key,
    common: {
      request_id: random.uuid(),
      trace_id: random.uuid().replaceAll('-', ''),
      api_key_id: key.id,
      inbound_protocol: 'openai',
      client_source_ip: key.address,
      client_user_agent: key.userAgent,
      ...fields,
    },
    remoteParent: random.chance(TRACED_SHARE)
      ? { spanId: random.hex(16), ...(random.chance(0.2) && { traceState: `vendor=${random.word(6)}` }) }
      : undefined,
    newSpanId: () => random.hex(16),
  };
}

export function directModel(ctx: ScenarioContext, name: string): DirectModel {
  const model = ctx.models.find((item) => item.name === name);
  if (model?.kind !== 'direct') throw new RangeError('A target must be one of the direct models.');
  return model;
}

/** Any model of one kind; scenarios that need a kind which the world lacks fail loudly. */
export function anyModel<Kind extends SimulatedModel['kind']>(
  ctx: ScenarioContext,
  kind: Kind,
  accept: (model: Extract<SimulatedModel, { kind: Kind }>) => boolean = () => true,
): Extract<SimulatedModel, { kind: Kind }> {
  const found = ctx.models.filter(
    (model): model is Extract<SimulatedModel, { kind: Kind }> =>
      model.kind === kind && accept(model as Extract<SimulatedModel, { kind: Kind }>),
  );
  if (found.length === 0) throw new RangeError(`The simulated gateway has no ${kind} model that fits.`);
  return ctx.random.pick(found);
}

/** The tags that a provider key puts on an event. */
export function providerFields({ provider }: DirectModel): UsageFields {
  return {
    provider_kind: 'catalog',
    provider_featured: true,
    branded_provider: provider.brand,
    pk_label: provider.label,
  };
}

/** Tokens and provider ids of an answer. */
export function answerFields(ctx: ScenarioContext, model: DirectModel): UsageFields {
  const { random } = ctx;
  const anthropic = model.protocol === 'anthropic';
  const prompt = Math.round(random.skewed(180, 0.9));
  return {
    prompt_tokens: prompt,
    completion_tokens: Math.max(1, Math.round(random.skewed(110, 0.7))),
    ...(anthropic
      ? random.chance(0.5) && {
          cache_creation_tokens: random.chance(0.3) ? random.int(200, 2_000) : undefined,
          cache_read_tokens: random.int(200, 6_000),
        }
      : prompt > 300 && random.chance(0.3) && { cached_prompt_tokens: Math.floor(prompt / 256) * 128 }),
    provider_request_id: anthropic ? `msg_01${random.word(10)}` : `chatcmpl-${random.word(8)}`,
    provider_model_version: model.responseModel,
    finish_reason: anthropic ? 'end_turn' : random.chance(0.06) ? 'length' : 'stop',
  };
}
