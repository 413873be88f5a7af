import { createDataFrame, type DataFrame, FieldType } from '@grafana/data';
import type { Attempt, GatewayRequest } from '../api/contract';
import { columnsOf } from './columns';
import { failedLinks, LINKED_ENVIRONMENT, type LinkTargets } from './links';

type Row = Attempt & Pick<GatewayRequest, 'requestId' | 'environment'> & { readonly requestStart: number };

/** Where attempts that failed lead to, for audit readers. */
export interface AttemptLinks {
  readonly links: LinkTargets;
  readonly environmentName: (id: string) => string;
}

/** Attempts of one request or of several with the same id, one a row, in the order in which they were made. */
export function attemptsTable(requests: readonly GatewayRequest[], refId: string, leading?: AttemptLinks): DataFrame {
  const rows: Row[] = requests.flatMap(({ attempts, startTime, requestId, environment }) =>
    attempts.map((attempt) => ({ ...attempt, requestStart: startTime, requestId, environment })),
  );
  const column = columnsOf(rows);
  return createDataFrame({
    refId,
    name: 'attempts',
    meta: { preferredVisualisationType: 'table' },
    fields: [
      column('start', FieldType.time, ({ startTime }) => startTime),
      column('attempt', FieldType.number, ({ index }) => index),
      column('kind', FieldType.string, ({ kind }) => kind),
      column('model', FieldType.string, ({ model }) => model),
      column('provider', FieldType.string, ({ provider }) => provider),
      column('provider key', FieldType.string, ({ providerKeyLabel }) => providerKeyLabel),
      column('status', FieldType.number, ({ status }) => status, 'none'),
      column('outcome', FieldType.string, ({ outcome }) => outcome),
      column('error class', FieldType.string, ({ errorClass }) => errorClass),
      column('error message', FieldType.string, ({ errorMessage }) => errorMessage),
      column('after', FieldType.number, ({ startTime, requestStart }) => startTime - requestStart, 'ms'),
      column('duration', FieldType.number, ({ durationMs }) => durationMs, 'ms'),
      column('first token', FieldType.number, ({ ttftMs }) => ttftMs, 'ms'),
      column('dispatched', FieldType.boolean, ({ dispatched }) => dispatched),
      column('finish reason', FieldType.string, ({ finishReason }) => finishReason),
      column('input tokens', FieldType.number, ({ tokens }) => tokens?.input),
      column('output tokens', FieldType.number, ({ tokens }) => tokens?.output),
      ...(leading?.links.explained === true
        ? [
            column('failed', FieldType.string, ({ outcome, requestId }) => (outcome === 'success' ? null : requestId), {
              width: 120,
              shownAs: 'What broke it',
              links: failedLinks(leading.links),
            }),
            column(LINKED_ENVIRONMENT, FieldType.string, ({ environment }) => leading.environmentName(environment), {
              hidden: true,
            }),
          ]
        : []),
    ],
  });
}
