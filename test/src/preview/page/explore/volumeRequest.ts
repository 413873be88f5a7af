import {
  type DataQueryRequest,
  type DataSourceApi,
  type DataSourceWithSupplementaryQueriesSupport,
  SupplementaryQueryType,
} from '@grafana/data';
import type { DataQuery } from '@grafana/schema';

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000];

/** Width of a bar of Explore's histogram (`getIntervalInfo`): a unit that reads well, not smaller than a bar can be. */
export function volumeInterval(intervalMs: number, rangeMs: number): number {
  if (rangeMs < 5 * SECOND) return 1;
  if (intervalMs > HOUR) return DAY;
  if (intervalMs > MINUTE) return HOUR;
  if (intervalMs > SECOND) return MINUTE;
  return SECOND;
}

/** What Explore asks for the histogram over a log list, where the data source can tell it. */
export function volumeRequest(
  datasource: DataSourceApi,
  request: DataQueryRequest<DataQuery>,
): DataQueryRequest<DataQuery> | undefined {
  const source = datasource as unknown as DataSourceWithSupplementaryQueriesSupport<DataQuery>;
  if (!source.getSupportedSupplementaryQueryTypes().includes(SupplementaryQueryType.LogsVolume)) return undefined;
  const ms = volumeInterval(request.intervalMs, request.range.to.valueOf() - request.range.from.valueOf());
  const scopedVars = { ...request.scopedVars, __interval_ms: { text: String(ms), value: ms } };
  return source.getSupplementaryRequest?.(SupplementaryQueryType.LogsVolume, {
    ...request,
    requestId: `${request.requestId}-volume`,
    scopedVars,
  });
}
