import { createDataFrame, type DataFrame, DataFrameType, FieldType } from '@grafana/data';
import type { GatewayRequest } from '../api/contract';
import { labelsOf } from './labels';
import {
  failedLinks,
  LINKED_ENVIRONMENT,
  type LinkTargets,
  linkedTraceId,
  requestLinks,
  type ShownRange,
  traceLinks,
} from './links';
import { LEVEL_OF } from './outcomes';
import { requestSentence } from './sentence';

export interface LogFrameOptions {
  readonly refId: string;
  readonly links: LinkTargets;
  readonly environmentName: (id: string) => string;
  /** Words that are marked in the rows. */
  readonly searchWords?: readonly string[];
  readonly limit?: number;
  /** Set on dashboards, where rows lead to the dashboard of one request. */
  readonly dashboard?: ShownRange | undefined;
}

/**
 * Requests as log rows, in the form that Grafana calls `LogLines`. Facts are labels; beside them stand two fields that
 * carry links, because of all other fields Grafana's details show only those, and one that the links read.
 */
export function logFrame(requests: readonly GatewayRequest[], options: LogFrameOptions): DataFrame {
  const { refId, links, environmentName, searchWords = [], limit, dashboard } = options;
  const toTrace = traceLinks(links);
  return createDataFrame({
    refId,
    name: 'requests',
    meta: {
      type: DataFrameType.LogLines,
      typeVersion: [0, 0],
      preferredVisualisationType: 'logs',
      custom: { searchWords: [...searchWords], ...(limit === undefined ? {} : { limit }) },
    },
    fields: [
      // Whole milliseconds: what is behind the point Grafana takes for a date of its own.
      { name: 'timestamp', type: FieldType.time, values: requests.map(({ startTime }) => Math.floor(startTime)) },
      { name: 'body', type: FieldType.string, values: requests.map(requestSentence) },
      { name: 'severity', type: FieldType.string, values: requests.map(({ outcome }) => LEVEL_OF[outcome]) },
      { name: 'id', type: FieldType.string, values: requests.map(rowId) },
      { name: 'labels', type: FieldType.other, values: requests.map((request) => labelsOf(request, environmentName)) },
      {
        name: 'request',
        type: FieldType.string,
        config: { links: requestLinks(links, dashboard) },
        values: requests.map(({ requestId }) => requestId),
      },
      ...(links.explained === true && requests.some(hasFailed)
        ? [
            {
              name: 'failed',
              type: FieldType.string,
              config: { links: failedLinks(links, dashboard) },
              values: requests.map((request) => (hasFailed(request) ? request.requestId : null)),
            },
          ]
        : []),
      {
        name: LINKED_ENVIRONMENT,
        type: FieldType.string,
        values: requests.map(({ environment }) => environmentName(environment)),
      },
      ...(toTrace.length === 0
        ? []
        : [
            {
              name: 'trace',
              type: FieldType.string,
              config: { links: toTrace },
              values: requests.map((request) => linkedTraceId(request, links.traceDestination)),
            },
          ]),
    ],
  });
}

/** Whether there is something to explain: it failed, or an attempt before its answer did. */
const hasFailed = ({ outcome, attempts }: GatewayRequest): boolean =>
  outcome !== 'success' || attempts.some((attempt) => attempt.outcome !== 'success');

/** Of a request, in all its versions. Callers choose request ids, so that one may come again in another trace. */
export const rowId = ({ environment, requestId, traceId, n }: GatewayRequest): string =>
  [environment, requestId, traceId ?? '', n].join('/');
