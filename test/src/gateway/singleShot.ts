import type { Outcome } from '@aisix-observability/evidence';
import { type ScenarioContext, startCall } from './call.ts';
import { compose, type SimulatedRequest } from './compose.ts';
import type { CallFields, UsageFields } from './usageEvent.ts';

/** Endpoints that try once: no attempt kind, no attempt span. */
export type SingleShot =
  | 'mcp'
  | 'mcp_blocked'
  | 'a2a'
  | 'passthrough'
  | 'realtime'
  | 'embeddings'
  | 'embeddings_failed';

interface Shape {
  readonly common: CallFields;
  readonly ending: UsageFields;
  readonly outcome: Outcome;
  readonly servedModel?: string;
  readonly medianMs: number;
  /** False when no provider was called. */
  readonly called?: boolean;
  /** Fields that stand only on what succeeded. */
  readonly withoutLatency?: boolean;
}

const EMBEDDING_MODEL = { name: 'text-embedding', id: '3f2b8c11-0c7e-4a0d-bd52-8d7c1f1c9903' };
const REALTIME_MODEL = { name: 'voice', id: '71b5f0aa-6a53-4c57-92a5-8c8f0b7d2e04' };

/** Neither address nor user agent stands on events of these two protocols. */
const WITHOUT_CLIENT: CallFields = { client_source_ip: undefined, client_user_agent: undefined };

function shapeOf(ctx: ScenarioContext, kind: SingleShot): Shape {
  const { random } = ctx;
  switch (kind) {
    case 'mcp':
    case 'mcp_blocked': {
      const common: CallFields = {
        ...WITHOUT_CLIENT,
        inbound_protocol: 'mcp',
        mcp_server_name: 'tickets',
        mcp_tool_name: random.pick(['search', 'create', 'comment']),
      };
      if (kind === 'mcp') return { common, ending: { status_code: 200 }, outcome: 'success', medianMs: 60 };
      const hit = { guardrail_name: 'mcp-words', hook: 'input', action: 'blocked', duration_us: random.int(15, 60) };
      return {
        common,
        ending: {
          status_code: 200,
          guardrail_blocked: true,
          applied_guardrails: [{ kind: 'keyword', hook: 'both' }],
          guardrail_enforced_hits: [hit],
        },
        outcome: 'guardrail_blocked',
        medianMs: 1,
        called: false,
      };
    }
    case 'a2a':
      return {
        common: {
          ...WITHOUT_CLIENT,
          inbound_protocol: 'a2a',
          a2a_agent_name: 'invoices',
          a2a_method: 'message/send',
          a2a_operation: 'message/send',
          a2a_protocol_version: '1.0',
          a2a_task_id: `task-${random.word(8)}`,
          a2a_context_id: `ctx-${random.uuid()}`,
          a2a_task_state: 'completed',
        },
        ending: { status_code: 200, completion_tokens: random.int(3, 40), usage_estimated: true },
        outcome: 'success',
        medianMs: 700,
      };
    case 'passthrough':
      return {
        common: {
          inbound_protocol: 'passthrough',
          requested_model: 'gpt-4o-mini',
          passthrough_route_name: 'openai-raw',
        },
        ending: { status_code: 200, prompt_tokens: random.int(5, 900), completion_tokens: random.int(4, 200) },
        outcome: 'success',
        servedModel: 'gpt-4o-mini',
        medianMs: 350,
      };
    case 'realtime':
      return {
        common: { inbound_protocol: 'realtime', requested_model: REALTIME_MODEL.name, model_id: REALTIME_MODEL.id },
        ending: { status_code: 200, prompt_tokens: random.int(5, 90), completion_tokens: random.int(4, 80) },
        outcome: 'success',
        servedModel: REALTIME_MODEL.name,
        medianMs: 9_000,
      };
    case 'embeddings':
      return {
        common: { requested_model: EMBEDDING_MODEL.name, model_id: EMBEDDING_MODEL.id },
        ending: { status_code: 200, prompt_tokens: random.int(20, 2_000) },
        outcome: 'success',
        servedModel: EMBEDDING_MODEL.name,
        medianMs: 45,
      };
    case 'embeddings_failed':
      return {
        common: { requested_model: EMBEDDING_MODEL.name },
        // Errors of single-shot endpoints name no model id and no latency, even if the provider was reached.
        ending: { status_code: 502, error_class: 'upstream_error', upstream_latency_ms: 0 },
        outcome: 'provider_error',
        medianMs: 120,
        withoutLatency: true,
      };
  }
}

export function singleShot(ctx: ScenarioContext, kind: SingleShot): SimulatedRequest {
  const shape = shapeOf(ctx, kind);
  const call = startCall(ctx, shape.common);
  const start = ctx.start + 0.3 + ctx.random.next() * 0.7;
  const end = start + ctx.random.skewed(shape.medianMs, 0.5);
  const called = shape.called !== false;
  const latency: UsageFields =
    shape.withoutLatency === true ? {} : { downstream_latency_ms: Math.floor(end - ctx.start) };
  return compose(
    {
      scenario: kind,
      start: ctx.start,
      end: end + 0.4,
      outcome: shape.outcome,
      servedModel: shape.servedModel,
      remoteParent: call.remoteParent,
      common: call.common,
      attempts: called ? [{ start, end, fields: { ...latency, ...shape.ending } }] : [],
      ...(!called && { closing: shape.ending }),
      tracked: false,
    },
    call.newSpanId,
  );
}
