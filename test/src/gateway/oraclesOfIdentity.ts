import type { SimulatedRequest } from './compose.ts';
import {
  answered,
  type ExpectedRequest,
  eachAlone,
  failed,
  ON_PRIMARY,
  ON_SECONDARY,
  type Oracle,
  oneBatch,
  PRIMARY,
  request,
  SMART,
  TRACE,
} from './oracleCase.ts';
import { expectedMember, judge, member } from './oraclesOfEnsembles.ts';

/**
 * 10. The terminal event is lost. What is left of a failover reads as a failure, since nothing tells that a winner
 * existed; of an ensemble only the members are left, and how it ended is not known.
 */
export function oracle10TerminalLost(): Oracle {
  const failover = request({
    id: 'lost-winner',
    outcome: 'success',
    common: SMART,
    attempts: [failed(10, 710, ON_PRIMARY), answered(712, 1110, ON_SECONDARY)],
  });
  const ensemble = request({
    id: 'lost-judge',
    outcome: 'success',
    common: { requested_model: 'council' },
    attempts: [member(0, 300), member(1, 380), judge()],
  });
  const withoutLast = (r: SimulatedRequest) => ({ ...r, records: r.records.slice(0, -1) });
  return {
    name: 'terminal event lost',
    deliveries: oneBatch(withoutLast(failover), withoutLast(ensemble)),
    expected: {
      requests: [
        {
          requestId: 'lost-winner',
          traceId: TRACE,
          status: 502,
          outcome: 'provider_error',
          requestedModel: 'smart',
          attempts: [{ index: 0, kind: 'initial', status: 502, outcome: 'provider_error', model: 'primary' }],
        },
        {
          requestId: 'lost-judge',
          traceId: TRACE,
          outcome: 'unknown',
          requestedModel: 'council',
          tokens: { input: 16, output: 6 },
          attempts: [expectedMember(0), expectedMember(1)],
        },
      ],
    },
  };
}

const OTHER_TRACE = '0af7651916cd43dd8448eb211c80319c';

/** 11. A caller uses its request id again, in another trace: two requests. */
export function oracle11ReusedRequestId(): Oracle {
  const one = (trace: string, requested_model: string) =>
    request({
      id: 'reused-by-caller',
      trace,
      outcome: 'success',
      common: { requested_model, model_id: PRIMARY },
      attempts: [answered(2, 1100, { downstream_latency_ms: 1112 })],
    });
  const both = [one(TRACE, 'gpt-4o'), one(OTHER_TRACE, 'gpt-4o-mini')];
  const expected = (traceId: string, model: string): ExpectedRequest => ({
    requestId: 'reused-by-caller',
    traceId,
    status: 200,
    outcome: 'success',
    requestedModel: model,
    servedModel: model,
    tokens: { input: 3, output: 4 },
    attempts: [{ index: 0, kind: 'initial', status: 200, outcome: 'success', model }],
  });
  return {
    name: 'request id reused in another trace',
    deliveries: oneBatch(...both),
    spanDeliveries: eachAlone(both, 'span'),
    expected: { requests: [expected(TRACE, 'gpt-4o'), expected(OTHER_TRACE, 'gpt-4o-mini')] },
  };
}

/** 12. A newer gateway writes fields that nobody here knows. */
export function oracle12UnknownFields(): Oracle {
  const r = request({
    id: 'from-the-future',
    outcome: 'success',
    common: { requested_model: 'gpt-4o', model_id: PRIMARY },
    attempts: [answered(2, 1100, { downstream_latency_ms: 1112 })],
  });
  const unknown = { user_id: 'u-17', guardrail_scores: { toxicity: 0.25 }, a_field_of_tomorrow: ['x', 1, null] };
  return {
    name: 'unknown fields',
    deliveries: oneBatch(r).map((delivery) => ({
      ...delivery,
      events: ('events' in delivery ? delivery.events : []).map((event) => ({ ...event, ...unknown })),
    })),
    expected: {
      requests: [
        {
          requestId: 'from-the-future',
          traceId: TRACE,
          status: 200,
          outcome: 'success',
          requestedModel: 'gpt-4o',
          servedModel: 'gpt-4o',
          tokens: { input: 3, output: 4 },
          attempts: [{ index: 0, kind: 'initial', status: 200, outcome: 'success', model: 'gpt-4o' }],
        },
      ],
    },
  };
}
