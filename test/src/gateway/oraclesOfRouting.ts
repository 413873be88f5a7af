import {
  answered,
  eachAlone,
  failed,
  ON_PRIMARY,
  ON_SECONDARY,
  type Oracle,
  type OracleDelivery,
  oneBatch,
  request,
  SECOND,
  SMART,
  START,
  TRACE,
} from './oracleCase.ts';

/** 1. One target fails, the next answers, all in one batch. */
export function oracle1Failover(): Oracle {
  const r = request({
    id: 'req-caller-42',
    outcome: 'success',
    common: SMART,
    attempts: [failed(10, 710, ON_PRIMARY), answered(712, 1110, { ...ON_SECONDARY, downstream_latency_ms: 1112 })],
  });
  return {
    name: 'failover in one batch',
    deliveries: oneBatch(r),
    spanDeliveries: eachAlone([r], 'span'),
    expected: {
      requests: [
        {
          requestId: 'req-caller-42',
          traceId: TRACE,
          status: 200,
          outcome: 'success',
          requestedModel: 'smart',
          servedModel: 'secondary',
          tokens: { input: 3, output: 4 },
          attempts: [
            { index: 0, kind: 'initial', status: 502, outcome: 'provider_error', model: 'primary' },
            { index: 1, kind: 'fallback', status: 200, outcome: 'success', model: 'secondary' },
          ],
        },
      ],
    },
  };
}

/** 2. Every target fails: the last attempt says how, and nothing says how long the caller waited. */
export function oracle2AllFailed(): Oracle {
  const r = request({
    id: 'all-failed',
    outcome: 'provider_timeout',
    common: SMART,
    attempts: [
      failed(10, 710, ON_PRIMARY),
      failed(712, 1012, {
        ...ON_SECONDARY,
        status_code: 504,
        error_class: 'timeout',
        error_message: 'upstream request timed out after 300ms',
      }),
    ],
  });
  return {
    name: 'every attempt failed',
    deliveries: oneBatch(r),
    spanDeliveries: eachAlone([r], 'span'),
    expected: {
      requests: [
        {
          requestId: 'all-failed',
          traceId: TRACE,
          status: 504,
          outcome: 'provider_timeout',
          requestedModel: 'smart',
          attempts: [
            { index: 0, kind: 'initial', status: 502, outcome: 'provider_error', model: 'primary' },
            { index: 1, kind: 'fallback', status: 504, outcome: 'provider_timeout', model: 'secondary' },
          ],
        },
      ],
    },
  };
}

/** 8. A stream: its failed attempt is told when the stream opens, the winner a minute later. */
export function oracle8LateWinner(): Oracle {
  const r = request({
    id: 'late-winner',
    outcome: 'success',
    end: START + 61 * SECOND,
    stream: true,
    dispatchedAt: START + SECOND,
    common: SMART,
    attempts: [
      failed(10, 710, ON_PRIMARY),
      answered(712, 61 * SECOND - 2, { ...ON_SECONDARY, upstream_ttft_ms: 280, downstream_latency_ms: 995 }),
    ],
  });
  return {
    name: 'winner of a stream a minute after its failed attempt',
    deliveries: eachAlone([r], 'usage'),
    spanDeliveries: eachAlone([r], 'span'),
    expected: {
      requests: [
        {
          requestId: 'late-winner',
          traceId: TRACE,
          status: 200,
          outcome: 'success',
          requestedModel: 'smart',
          servedModel: 'secondary',
          tokens: { input: 3, output: 4 },
          attempts: [
            { index: 0, kind: 'initial', status: 502, outcome: 'provider_error', model: 'primary' },
            { index: 1, kind: 'fallback', status: 200, outcome: 'success', model: 'secondary' },
          ],
        },
      ],
    },
  };
}

/** 9. The same delivery three times, the last one minutes later. */
export function oracle9Duplicates(): Oracle {
  const { deliveries, spanDeliveries = [], expected } = oracle1Failover();
  const again = (all: readonly OracleDelivery[]) => [
    ...all,
    ...all.map((delivery) => ({ ...delivery, receivedAt: delivery.receivedAt + 2 * SECOND })),
    ...all.map((delivery) => ({ ...delivery, receivedAt: delivery.receivedAt + 180 * SECOND })),
  ];
  return {
    name: 'the same delivery three times',
    deliveries: again(deliveries),
    spanDeliveries: again(spanDeliveries),
    expected,
  };
}
