import type { RequestFilter } from '../../query.ts';
import type { Day } from '../days/dayFiles.ts';
import { onlyFailed } from '../sql/failed.ts';

/** The tables of a day in which rows may lie for which the filters hold. */
export function tablesFor({ tables }: Pick<Day, 'tables'>, filters: readonly RequestFilter[]): readonly string[] {
  return onlyFailed(filters) ? tables.slice(1) : tables;
}
