import { type UsageFields, usageEvent } from '../../gateway/usageEvent.ts';
import type { UsageEvent } from '../../recordings/index.ts';
import type { Call, Try } from '../gateway/call.ts';
import type { SimulatedWindow } from '../simulateWindow.ts';
import { keyOfModel } from '../world/world.ts';
import { dispatchedAt, downstreamMs, GUARDRAIL, REFUSED_MS, requestIdOf } from './times.ts';

const second = (epochMs: number) => new Date(Math.floor(epochMs / 1000) * 1000).toISOString().replace('.000Z', 'Z');

/** One event of a call and its number within it. */
export interface NumberedEvent {
  readonly number: number;
  readonly event: UsageEvent;
}

/** The gateway's own JSON for a call: every event that it writes, in order. */
export function wireEvents(window: SimulatedWindow, index: number, call: Call): NumberedEvent[] {
  const { world, base } = window;
  const model = world.models[call.model];
  const common: UsageFields = {
    request_id: requestIdOf(window, index),
    api_key_id: world.callers[call.caller]?.id,
    requested_model: model?.name,
    inbound_protocol: 'openai',
    client_user_agent: 'simulated/1.0',
  };
  const ended = second(base + call.end);
  if (call.refused !== undefined) {
    const { status, errorClass, blocked, withoutModel } = call.refused;
    const fields: UsageFields = {
      ...common,
      occurred_at: ended,
      model_id: withoutModel ? '' : model?.id,
      status_code: status,
      error_class: errorClass,
      guardrail_blocked: blocked,
      attempt_kind: 'initial',
      guardrail_enforced_hits: blocked ? [{ guardrail_name: GUARDRAIL, hook: 'input', action: 'blocked' }] : undefined,
    };
    return [{ number: 0, event: usageEvent(fields) }];
  }
  if (call.cacheHit) {
    const fields: UsageFields = {
      ...common,
      occurred_at: ended,
      model_id: model?.id,
      upstream_latency_ms: REFUSED_MS,
      downstream_latency_ms: REFUSED_MS,
      status_code: 200,
      cache_status: 'hit',
      cache_hit_layer: 'exact',
    };
    return [{ number: 0, event: usageEvent(fields) }];
  }
  return call.tries.map((item, number) => {
    const isLast = number === call.tries.length - 1;
    const answered = item.errorClass === undefined && item.kind !== 'panel';
    const occurredAt = isLast || item.kind === 'panel' ? ended : second(base + dispatchedAt(call));
    const event = usageEvent({
      ...common,
      ...tryFields(window, call, item, number),
      occurred_at: occurredAt,
      ...(isLast &&
        answered && {
          downstream_latency_ms: downstreamMs(call),
          upstream_ttft_ms: call.ttftMs,
          prompt_tokens: 100,
          completion_tokens: 50,
          finish_reason: 'stop',
        }),
    });
    return { number, event };
  });
}

function tryFields({ world }: SimulatedWindow, call: Call, item: Try, number: number): UsageFields {
  const target = world.models[item.model];
  const key = world.providerKeys[keyOfModel(world, item.model)];
  return {
    model_id: target?.id,
    attempt_index: number,
    attempt_kind: item.kind,
    attempt_model: world.models[call.model]?.kind === 'direct' ? undefined : target?.name,
    upstream_latency_ms: item.tookMs,
    status_code: item.status,
    error_class: item.errorClass,
    error_message: item.message,
    provider_kind: 'catalog',
    branded_provider: world.providers[key?.provider ?? 0]?.brand,
    pk_label: key?.name,
  };
}
