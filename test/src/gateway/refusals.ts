import type { Outcome } from '@aisix-observability/evidence';
import type { Call, ScenarioContext } from './call.ts';
import { compose, type SimulatedRequest } from './compose.ts';
import type { UsageFields } from './usageEvent.ts';

/** Reasons for which a chat request ends before any provider is called. */
export type Refusal = 'guardrail_input' | 'budget' | 'rate_limit' | 'forbidden' | 'not_found' | 'cooldown';

interface Shape {
  readonly outcome: Outcome;
  readonly status: number;
  readonly fields: UsageFields;
}

const APPLIED: UsageFields = { applied_guardrails: [{ kind: 'keyword', hook: 'input' }] };

const SHAPES: Readonly<Record<Refusal, Shape>> = {
  guardrail_input: {
    outcome: 'guardrail_blocked',
    status: 422,
    fields: {
      ...APPLIED,
      error_class: 'content_filter',
      guardrail_blocked: true,
      guardrail_enforced_hits: [{ guardrail_name: 'no-secrets', hook: 'input', action: 'blocked', duration_us: 26 }],
    },
  },
  budget: { outcome: 'budget', status: 429, fields: { ...APPLIED, error_class: 'billing_error' } },
  rate_limit: { outcome: 'rate_limited', status: 429, fields: { ...APPLIED, error_class: 'rate_limit_exceeded' } },
  forbidden: { outcome: 'forbidden', status: 403, fields: { error_class: 'permission_denied' } },
  not_found: { outcome: 'not_found', status: 404, fields: { error_class: 'model_not_found' } },
  cooldown: {
    outcome: 'routing_exhausted',
    status: 503,
    fields: { ...APPLIED, error_class: 'all_candidates_unavailable' },
  },
};

/** A single event of kind `initial` that describes no attempt; the SERVER span is the only one. */
export function refuse(ctx: ScenarioContext, call: Call, refusal: Refusal, modelId: string): SimulatedRequest {
  const { outcome, status, fields } = SHAPES[refusal];
  return compose(
    {
      scenario: refusal,
      start: ctx.start,
      end: ctx.start + 0.3 + ctx.random.next() * 2,
      outcome,
      remoteParent: call.remoteParent,
      common: call.common,
      attempts: [],
      closing: {
        // A model that was not found has no id.
        model_id: refusal === 'not_found' ? '' : modelId,
        status_code: status,
        attempt_kind: 'initial',
        ...fields,
      },
      tracked: true,
    },
    call.newSpanId,
  );
}
