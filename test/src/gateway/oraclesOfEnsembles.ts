import type { AttemptPlan } from './compose.ts';
import {
  attempt,
  type ExpectedAttempt,
  eachAlone,
  GROUP,
  type Oracle,
  oneBatch,
  request,
  TRACE,
} from './oracleCase.ts';
import type { UsageFields } from './usageEvent.ts';

export const member = (n: number, to: number): AttemptPlan =>
  attempt(5, to, {
    status_code: 200,
    attempt_kind: 'panel',
    model_id: `d3171968-1190-4a35-b7cb-0000000000a${n}`,
    attempt_model: `member-${n}`,
    prompt_tokens: 8,
    completion_tokens: 3,
    cache_status: 'disabled',
  });

export const judge = (fields: UsageFields = {}): AttemptPlan =>
  attempt(400, 1100, {
    status_code: 200,
    attempt_kind: 'judge',
    model_id: 'd3171968-1190-4a35-b7cb-0000000000af',
    attempt_model: 'judge',
    prompt_tokens: 250,
    completion_tokens: 20,
    finish_reason: 'stop',
    cache_status: 'disabled',
    ...fields,
  });

export const expectedMember = (n: number): ExpectedAttempt => ({
  index: n,
  kind: 'panel',
  status: 200,
  outcome: 'success',
  model: `member-${n}`,
});

/** 6. An ensemble: three panel members and a judge, whose tokens add up. */
export function oracle6Ensemble(): Oracle {
  const r = request({
    id: 'ensemble',
    outcome: 'success',
    common: { requested_model: 'council' },
    attempts: [member(0, 300), member(1, 380), member(2, 250), judge({ downstream_latency_ms: 1112 })],
  });
  return {
    name: 'ensemble of three members and a judge',
    deliveries: oneBatch(r),
    spanDeliveries: eachAlone([r], 'span'),
    expected: {
      requests: [
        {
          requestId: 'ensemble',
          traceId: TRACE,
          status: 200,
          outcome: 'success',
          requestedModel: 'council',
          servedModel: 'judge',
          tokens: { input: 274, output: 29 },
          attempts: [
            expectedMember(0),
            expectedMember(1),
            expectedMember(2),
            { index: 3, kind: 'judge', status: 200, outcome: 'success', model: 'judge' },
          ],
        },
      ],
    },
  };
}

/** 7. An output guardrail blocks an ensemble: the judge is not the end, an extra event with index 0 is. */
export function oracle7EnsembleBlocked(): Oracle {
  const r = request({
    id: 'ensemble-blocked',
    outcome: 'guardrail_blocked',
    common: { requested_model: 'council' },
    attempts: [member(0, 300), member(1, 380), judge()],
    closing: {
      status_code: 422,
      attempt_index: 0,
      attempt_kind: 'initial',
      model_id: GROUP,
      error_class: 'content_filter',
      guardrail_blocked: true,
      guardrail_enforced_hits: [{ guardrail_name: 'no-leaks', hook: 'output', action: 'blocked', duration_us: 41 }],
    },
  });
  return {
    name: 'output guardrail blocks an ensemble (index 0 twice)',
    deliveries: oneBatch(r),
    expected: {
      requests: [
        {
          requestId: 'ensemble-blocked',
          traceId: TRACE,
          status: 422,
          outcome: 'guardrail_blocked',
          requestedModel: 'council',
          tokens: { input: 266, output: 26 },
          attempts: [
            expectedMember(0),
            expectedMember(1),
            { index: 2, kind: 'judge', status: 200, outcome: 'success', model: 'judge' },
          ],
        },
      ],
    },
  };
}
