import type { LogRowModel } from '@grafana/data';
import { DEFAULTS } from '../query/defaults';
import type { ObservabilityQuery, QueryFilter, RequestsQuery } from '../query/model';

/** What the rows around a row have in common with it, by the label that says so. */
export const COMMONS = { caller: 'apiKeyId', model: 'requestedModel', trace: 'traceId' } as const;
export type Common = keyof typeof COMMONS;

/** What a row can be seen in the context of: commons that it has a label for. */
export const commonsOf = ({ labels }: Pick<LogRowModel, 'labels'>): readonly Common[] =>
  (Object.keys(COMMONS) as Common[]).filter((common) => labels[COMMONS[common]] !== undefined);

/**
 * The query of the rows around a row: everything in its environment that has the same caller key, model or trace.
 * Filters of the list are left out, since what they hide is what one looks for. Of a row that tells a change it is all
 * requests around it.
 */
export function contextQuery(
  row: Pick<LogRowModel, 'labels'>,
  common: Common | undefined,
  origin: ObservabilityQuery | undefined,
): RequestsQuery {
  const chosen = common ?? commonsOf(row)[0];
  const value = chosen === undefined ? undefined : row.labels[COMMONS[chosen]];
  const filters: QueryFilter[] =
    chosen === undefined || value === undefined ? [] : [{ field: COMMONS[chosen], op: 'eq', values: [value] }];
  return {
    ...DEFAULTS.requests,
    refId: origin?.refId ?? 'A',
    ...(origin?.datasource === undefined ? {} : { datasource: origin.datasource }),
    environment: row.labels.environment ?? row.labels.changeEnvironment ?? origin?.environment ?? '',
    filters,
  };
}
