import type { DataLink } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';

// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana
const VALUE = '${__value.raw}';

/** The query behind an internal link, with the value of its row in it. Texts are filled in, never put together as JSON. */
export function linkedQuery(link: DataLink, value: string): DataQuery | undefined {
  const query: unknown = link.internal?.query;
  return query === undefined ? undefined : (filled(query, value) as DataQuery);
}

function filled(part: unknown, value: string): unknown {
  if (typeof part === 'string') return part.replaceAll(VALUE, value);
  if (Array.isArray(part)) return part.map((each) => filled(each, value));
  if (part === null || typeof part !== 'object') return part;
  return Object.fromEntries(Object.entries(part).map(([key, each]) => [key, filled(each, value)]));
}

export const linkedUrl = (link: DataLink, value: string) => link.url.replaceAll(VALUE, encodeURIComponent(value));
