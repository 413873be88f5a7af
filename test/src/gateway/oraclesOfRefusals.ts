import type { Outcome } from '@aisix-observability/evidence';
import { answered, eachAlone, GROUP, type Oracle, oneBatch, PRIMARY, request, START, TRACE } from './oracleCase.ts';
import type { UsageFields } from './usageEvent.ts';

const refused = (id: string, outcome: Outcome, status: number, closing: UsageFields): Oracle => {
  const r = request({
    id,
    outcome,
    end: START + 3,
    common: { requested_model: 'smart', model_id: GROUP },
    closing: { status_code: status, attempt_kind: 'initial', ...closing },
  });
  return {
    name: '',
    deliveries: oneBatch(r),
    spanDeliveries: eachAlone([r], 'span'),
    expected: {
      requests: [{ requestId: id, traceId: TRACE, status, outcome, requestedModel: 'smart', attempts: [] }],
    },
  };
};

/** 3. A guardrail refuses the input: no provider was called, so there is no attempt. */
export function oracle3GuardrailInput(): Oracle {
  const oracle = refused('guardrail-input', 'guardrail_blocked', 422, {
    error_class: 'content_filter',
    guardrail_blocked: true,
    applied_guardrails: [{ kind: 'keyword', hook: 'input' }],
    guardrail_enforced_hits: [{ guardrail_name: 'no-secrets', hook: 'input', action: 'blocked', duration_us: 26 }],
  });
  return { ...oracle, name: 'guardrail blocks the input' };
}

/** 4. The budget is spent: 429, but not a rate limit. */
export function oracle4Budget(): Oracle {
  return { ...refused('budget', 'budget', 429, { error_class: 'billing_error' }), name: 'budget exceeded' };
}

/** 5. Answered from the cache: success without any attempt. */
export function oracle5CacheHit(): Oracle {
  const r = request({
    id: 'cache-hit',
    outcome: 'success',
    end: START + 2,
    common: { requested_model: 'backup-small', model_id: PRIMARY },
    closing: {
      status_code: 200,
      attempt_kind: 'initial',
      prompt_tokens: 205,
      completion_tokens: 50,
      cache_status: 'hit',
      cache_hit_layer: 'exact',
      cache_hit_saved_input_tokens: 205,
      cache_hit_saved_output_tokens: 50,
    },
  });
  return {
    name: 'cache hit',
    deliveries: oneBatch(r),
    spanDeliveries: eachAlone([r], 'span'),
    expected: {
      requests: [
        {
          requestId: 'cache-hit',
          traceId: TRACE,
          status: 200,
          outcome: 'success',
          requestedModel: 'backup-small',
          servedModel: 'backup-small',
          tokens: { input: 205, output: 50 },
          attempts: [],
        },
      ],
    },
  };
}

/** 13. A guardrail blocks an MCP call: the protocol answers 200 all the same. */
export function oracle13McpBlocked(): Oracle {
  const r = request({
    id: 'mcp-blocked',
    outcome: 'guardrail_blocked',
    end: START + 2,
    common: {
      inbound_protocol: 'mcp',
      mcp_server_name: 'tickets',
      mcp_tool_name: 'search',
      client_source_ip: undefined,
      client_user_agent: undefined,
    },
    closing: {
      status_code: 200,
      guardrail_blocked: true,
      applied_guardrails: [{ kind: 'keyword', hook: 'both' }],
      guardrail_enforced_hits: [{ guardrail_name: 'mcp-words', hook: 'input', action: 'blocked', duration_us: 37 }],
    },
  });
  return {
    name: 'MCP call blocked with status 200',
    deliveries: oneBatch(r),
    expected: {
      requests: [{ requestId: 'mcp-blocked', traceId: TRACE, status: 200, outcome: 'guardrail_blocked', attempts: [] }],
    },
  };
}

/** 14. The caller leaves in the middle of a stream. */
export function oracle14ClientClosed(): Oracle {
  const r = request({
    id: 'client-left',
    outcome: 'client_closed',
    stream: true,
    common: { requested_model: 'gpt-4o', model_id: PRIMARY },
    attempts: [
      answered(2, 1100, {
        status_code: 499,
        usage_estimated: true,
        finish_reason: undefined,
        prompt_tokens: 8,
        completion_tokens: 1,
        upstream_ttft_ms: 90,
        downstream_latency_ms: 92,
      }),
    ],
  });
  return {
    name: 'client left in mid-stream',
    deliveries: oneBatch(r),
    spanDeliveries: eachAlone([r], 'span'),
    expected: {
      requests: [
        {
          requestId: 'client-left',
          traceId: TRACE,
          status: 499,
          outcome: 'client_closed',
          requestedModel: 'gpt-4o',
          tokens: { input: 8, output: 1 },
          attempts: [{ index: 0, kind: 'initial', status: 499, outcome: 'client_closed', model: 'gpt-4o' }],
        },
      ],
    },
  };
}

/** 15. An endpoint that tries once: its provider failed, and the event names no model id and no latency. */
export function oracle15SingleShotFailure(): Oracle {
  const r = request({
    id: 'embeddings-failed',
    outcome: 'provider_error',
    common: { requested_model: 'text-embedding', model_id: '' },
    closing: { status_code: 502, error_class: 'upstream_error' },
    tracked: false,
  });
  return {
    name: 'single-shot upstream failure',
    deliveries: oneBatch(r),
    expected: {
      requests: [
        {
          requestId: 'embeddings-failed',
          traceId: TRACE,
          status: 502,
          outcome: 'provider_error',
          requestedModel: 'text-embedding',
          attempts: [{ index: 0, kind: 'initial', status: 502, outcome: 'provider_error', model: 'text-embedding' }],
        },
      ],
    },
  };
}
