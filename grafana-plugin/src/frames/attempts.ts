import { createDataFrame, type DataFrame, FieldType } from '@grafana/data';
import type { Attempt, GatewayRequest } from '../api/contract';
import { columnsOf } from './columns';

type Row = Attempt & { readonly requestStart: number };

/** Attempts of one request or of several with the same id, one a row, in the order in which they were made. */
export function attemptsTable(requests: readonly GatewayRequest[], refId: string): DataFrame {
  const rows: Row[] = requests.flatMap(({ attempts, startTime }) =>
    attempts.map((attempt) => ({ ...attempt, requestStart: startTime })),
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
    ],
  });
}
