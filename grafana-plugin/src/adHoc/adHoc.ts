import type { MetricFindValue } from '@grafana/data';
import { catchError, firstValueFrom, map, type Observable, of } from 'rxjs';
import { SERVER_LIMITS } from '../query/limits';
import type { Asked } from '../run/asked';
import type { RunContext } from '../run/context';
import { rangeOf } from '../run/range';

/** Fields for filters of a dashboard: those that the reader may compare, with lists of values where there are any. */
export const tagKeys = ({ directory }: Pick<RunContext, 'directory'>): Promise<MetricFindValue[]> =>
  firstValueFrom(
    directory
      .fields()
      .pipe(
        map(({ fields }) =>
          fields.filter(({ type }) => type !== 'time').map(({ name }) => ({ text: name, value: name })),
        ),
      ),
  );

/** Values of a field in the range of the dashboard; none for a field that has too many of them, where one types. */
export const tagValues = (
  field: string,
  range: Pick<Asked, 'from' | 'to'>,
  context: Pick<RunContext, 'client'>,
): Promise<MetricFindValue[]> =>
  firstValueFrom(valuesOf(field, range, context).pipe(catchError(() => of<MetricFindValue[]>([]))));

/** Values with their names, most frequent first. */
export function valuesOf(
  field: string,
  asked: Pick<Asked, 'from' | 'to'>,
  { client }: Pick<RunContext, 'client'>,
  more: { readonly environment?: string; readonly search?: string } = {},
): Observable<MetricFindValue[]> {
  const { from, to } = rangeOf(asked);
  return client
    .values({ from, to, field, limit: SERVER_LIMITS.listedValues, ...more })
    .pipe(map(({ values }) => values.map(({ value, name }) => ({ text: name ?? value, value }))));
}
