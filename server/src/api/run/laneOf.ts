import type { RequestField, RequestSelection } from '@aisix-observability/evidence';
import { specOf } from '../query/fields.ts';
import type { Lane } from './lanes.ts';

const HOUR = 3_600_000;

/** Rows of one hour are read whole in a blink, whatever is looked for in them. */
const LIGHT_SCAN_MILLIS = HOUR;
/** Columns of two days are compared with a value in a tenth of a second, when few rows fit and all have to be looked at. */
const LIGHT_FILTER_MILLIS = 48 * HOUR;
/** A day of sums and counts comes from rollups, or from columns that are read fast. */
const LIGHT_SERIES_MILLIS = 24 * HOUR;

/** Whether texts of every row have to be looked through. */
function scansTexts({ filters, text }: Pick<RequestSelection, 'filters' | 'text'>): boolean {
  return (
    text !== undefined ||
    filters.some(({ field, op }) => op === 'contains' || op === 'regex' || specOf(field).scope === 'attempts')
  );
}

type Range = Pick<RequestSelection, 'from' | 'to' | 'filters' | 'text'>;

/** Newest rows are found without reading the rest, unless few rows fit or texts have to be looked through. */
export function searchLane(query: Range): Lane {
  const scansAll = query.filters.length > 0 || query.text !== undefined;
  if (!scansAll) return 'light';
  return query.to - query.from > (scansTexts(query) ? LIGHT_SCAN_MILLIS : LIGHT_FILTER_MILLIS) ? 'heavy' : 'light';
}

/** Values of fields that can be grouped by are kept beside the rows; those of others are looked for in every row. */
export function valuesLane({ field, from, to }: Pick<Range, 'from' | 'to'> & { readonly field: RequestField }): Lane {
  return specOf(field).groupable !== true && to - from > LIGHT_SCAN_MILLIS ? 'heavy' : 'light';
}

export function seriesLane(
  query: Range & { readonly exact?: boolean; readonly groupBy: readonly RequestField[] },
): Lane {
  const scans = scansTexts(query) || query.exact === true;
  return query.to - query.from > (scans ? LIGHT_SCAN_MILLIS : LIGHT_SERIES_MILLIS) ? 'heavy' : 'light';
}
