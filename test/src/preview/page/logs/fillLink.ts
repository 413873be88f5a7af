import type { DataFrame, DataLink, Field } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';

/** A link of one row, with everything filled in. */
export interface FilledLink {
  readonly title: string;
  /** Of an internal link, what is asked there. */
  readonly query?: DataQuery;
  readonly url: string;
}

/** `${__value.raw}` and `${__data.fields.name}`, with or without a format. */
const VARIABLE = /\$\{__(?:value\.raw|data\.fields\.(\w+))(?::(\w+))?\}/g;

/** Addresses under which Grafana would have the dashboards of the plugin, by their uid. */
const DASHBOARDS: Readonly<Record<string, string>> = {
  'aisix-request': 'request-detail',
  'aisix-timeline': 'gateway-timeline',
  'aisix-what-changed': 'what-changed',
};

/**
 * The links of a field in a row. Queries are filled in text by text, never put together as JSON; addresses only as
 * encoded as they ask for it. A link with a variable that has no value is left out, as Grafana does.
 */
export function linksOf(field: Field, frame: DataFrame, at: number): readonly FilledLink[] {
  const value: unknown = field.values[at];
  if (value === null || value === undefined || value === '') return [];
  return (field.config.links ?? []).flatMap((link) => filledLink(link, field, frame, at) ?? []);
}

function filledLink(link: DataLink, field: Field, frame: DataFrame, at: number): FilledLink | undefined {
  let isWhole = true;
  const fill = (text: string) =>
    text.replace(VARIABLE, (_, name?: string, format?: string) => {
      const from = name === undefined ? field : frame.fields.find((each) => each.name === name);
      const value: unknown = from?.values[at];
      if (value === null || value === undefined) isWhole = false;
      return format === 'percentencode' ? encodeURIComponent(String(value)) : String(value);
    });
  const asked: unknown = link.internal?.query;
  const query = asked === undefined ? undefined : (filled(asked, fill) as DataQuery);
  const url = fill(link.url);
  if (!isWhole) return undefined;
  return { title: link.title, url: ownAddress(url), ...(query === undefined ? {} : { query }) };
}

function filled(part: unknown, fill: (text: string) => string): unknown {
  if (typeof part === 'string') return fill(part);
  if (Array.isArray(part)) return part.map((each) => filled(each, fill));
  if (part === null || typeof part !== 'object') return part;
  return Object.fromEntries(Object.entries(part).map(([key, each]) => [key, filled(each, fill)]));
}

function ownAddress(url: string): string {
  const [, uid = '', parameters = ''] = /^\/d\/([\w-]+)(\?.*)?$/.exec(url) ?? [];
  const name = DASHBOARDS[uid];
  return name === undefined ? url : `#/dashboards/${name}.json${parameters}`;
}
