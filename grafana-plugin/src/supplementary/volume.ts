import { type DataQueryRequest, type SupplementaryQueryOptions, SupplementaryQueryType } from '@grafana/data';
import type { ObservabilityQuery } from '../query/model';
import { ofReadable } from '../query/readable';

export const SUPPORTED = [SupplementaryQueryType.LogsVolume];

/** Explore takes this off again to find the query that a histogram belongs to. */
const PREFIX = 'log-volume-';

/** The query of the histogram over a list of requests; other queries have none. */
export function volumeQuery(
  { type }: SupplementaryQueryOptions,
  original: ObservabilityQuery,
): ObservabilityQuery | undefined {
  if (type !== SupplementaryQueryType.LogsVolume) return undefined;
  return ofReadable<ObservabilityQuery | undefined>(
    original,
    (query) =>
      query.queryType !== 'requests' || query.hide === true
        ? undefined
        : { ...query, refId: `${PREFIX}${query.refId}`, volume: true },
    undefined,
  );
}

/**
 * The request of the histogram. The answer is left to Grafana, which then adds the range that it was asked for; an own
 * data provider would leave an empty histogram without an axis (seen on 12.4).
 */
export function volumeRequest(
  type: SupplementaryQueryType,
  request: DataQueryRequest<ObservabilityQuery>,
): DataQueryRequest<ObservabilityQuery> | undefined {
  if (type !== SupplementaryQueryType.LogsVolume) return undefined;
  const targets = request.targets.flatMap(
    (query) => volumeQuery({ type: SupplementaryQueryType.LogsVolume }, query) ?? [],
  );
  return targets.length === 0 ? undefined : { ...request, targets, liveStreaming: false };
}
