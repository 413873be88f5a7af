import { answerFields, anyModel, directModel, providerFields, type ScenarioContext, startCall } from './call.ts';
import { INPUT_GUARDRAIL } from './chat.ts';
import { type AttemptPlan, compose, type SimulatedRequest } from './compose.ts';
import type { UsageFields } from './usageEvent.ts';

/**
 * A panel in parallel, then a judge who writes the answer. When an output guardrail blocks it, the judge's event stays
 * and one more follows, with index 0, that says 422.
 */
export function ensemble(ctx: ScenarioContext, { blocked = false } = {}): SimulatedRequest {
  const { random } = ctx;
  const model = anyModel(ctx, 'ensemble');
  const call = startCall(ctx, { requested_model: model.name });
  const start = ctx.start + 0.5 + random.next();

  const sub = (name: string, kind: 'panel' | 'judge', from: number, fields: UsageFields = {}): AttemptPlan => {
    const target = directModel(ctx, name);
    const { provider_request_id, provider_model_version, finish_reason, ...answer } = answerFields(ctx, target);
    return {
      start: from,
      end: from + random.skewed(target.medianMs, 0.3),
      fields: {
        model_id: target.id,
        attempt_kind: kind,
        attempt_model: target.name,
        status_code: 200,
        cache_status: 'disabled',
        ...answer,
        // Members leave out what their provider said of the answer.
        ...(kind === 'judge' && { provider_request_id, provider_model_version, finish_reason }),
        ...providerFields(target),
        ...fields,
      },
    };
  };

  const panel = model.panel.map((name) => sub(name, 'panel', start));
  const judged = sub(model.judge, 'judge', Math.max(...panel.map((member) => member.end)) + 0.8);
  const end = judged.end + 0.5 + random.next();
  const judge: AttemptPlan = blocked
    ? judged
    : { ...judged, fields: { ...judged.fields, downstream_latency_ms: Math.floor(judged.end - ctx.start) } };

  return compose(
    {
      scenario: blocked ? 'ensemble_blocked' : 'ensemble',
      start: ctx.start,
      end,
      outcome: blocked ? 'guardrail_blocked' : 'success',
      servedModel: blocked ? undefined : model.judge,
      remoteParent: call.remoteParent,
      common: { ...call.common, ...INPUT_GUARDRAIL },
      attempts: [...panel, judge],
      ...(blocked && {
        closing: {
          model_id: model.id,
          status_code: 422,
          attempt_kind: 'initial',
          error_class: 'content_filter',
          guardrail_blocked: true,
          guardrail_enforced_hits: [
            { guardrail_name: 'no-leaks', hook: 'output', action: 'blocked', duration_us: random.int(15, 80) },
          ],
        } satisfies UsageFields,
      }),
      tracked: true,
    },
    call.newSpanId,
  );
}
