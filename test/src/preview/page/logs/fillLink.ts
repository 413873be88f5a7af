import type { DataFrame, DataLink } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';

// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana
const VALUE = '${__value.raw}';

/** The query behind an internal link, with the value of its row in it. Texts are filled in, never put together as JSON. */
export function linkedQuery(link: DataLink, value: string): DataQuery | undefined {
  const query: unknown = link.internal?.query;
  return query === undefined ? undefined : (filled(query, value) as DataQuery);
}

const filled = (part: unknown, value: string): unknown => replaced(part, (text) => text.replaceAll(VALUE, () => value));

// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana
const ENCODED = '${__value.raw:percentencode}';

/** Where Grafana has the bundled dashboard of one request, and where this page has it. */
const DETAIL = ['/d/aisix-request?', '#/dashboards/request-detail.json?'] as const;

export const linkedUrl = (link: DataLink, value: string) =>
  link.url
    .replace(...DETAIL)
    .replaceAll(ENCODED, VALUE)
    .replaceAll(VALUE, () => encodeURIComponent(value));

const OTHER_FIELD = /\$\{__data\.fields\.(\w+)(:percentencode)?\}/g;

/** The link with the values of other fields of its row in it, as Grafana fills in `${__data.fields.name}`. */
export function linkOfRow(link: DataLink, frame: DataFrame, row: number): DataLink {
  const fill = (text: string) =>
    text.replace(OTHER_FIELD, (_, name: string, encoded?: string) => {
      const value = String(frame.fields.find((field) => field.name === name)?.values[row] ?? '');
      return encoded === undefined ? value : encodeURIComponent(value);
    });
  return replaced(link, fill) as DataLink;
}

/** A copy with every text in it replaced. */
function replaced(part: unknown, replace: (text: string) => string): unknown {
  if (typeof part === 'string') return replace(part);
  if (Array.isArray(part)) return part.map((each) => replaced(each, replace));
  if (part === null || typeof part !== 'object') return part;
  return Object.fromEntries(Object.entries(part).map(([key, each]) => [key, replaced(each, replace)]));
}
