import {
  type DataFrame,
  type Field,
  getFieldDisplayValuesProxy,
  type InterpolateFunction,
  mapInternalLinkToExplore,
  type ScopedVars,
  type TimeRange,
} from '@grafana/data';

const VARIABLE = /\$\{(\w+)\.([^:}]+)(?::(\w+))?\}/g;

/**
 * Addresses and queries behind the links of a field in one row, filled in as it was read of Grafana 12.4
 * (`explore/utils/links.ts`): variables are the value and the other fields of the row.
 *
 * @throws Error for a variable that has no value, for which Grafana would leave out the link
 */
export function linksAsGrafanaFillsThem(frame: DataFrame, name: string, rowIndex: number) {
  const field = frame.fields.find((each) => each.name === name);
  if (field === undefined) throw new Error(`no field ${name}`);
  const scopedVars: ScopedVars = {
    __value: { text: 'Raw value', value: { raw: field.values[rowIndex] } },
    __data: { text: 'Data', value: { fields: getFieldDisplayValuesProxy({ frame, rowIndex }) } },
  };
  const replaceVariables: InterpolateFunction = (text) =>
    text.replace(VARIABLE, (whole, variable: string, path: string, format?: string) => {
      const value = path.split('.').reduce<unknown>(valueIn, scopedVars[variable]?.value);
      if (value === undefined || value === null) throw new Error(`${whole} has no value`);
      return format === 'percentencode' ? encodeURIComponent(String(value)) : String(value);
    });
  return (field.config.links ?? []).map((link) => {
    if (link.internal === undefined) return { title: link.title, url: replaceVariables(link.url) };
    const range = {} as TimeRange;
    const internalLink = link.internal;
    const { interpolatedParams } = mapInternalLinkToExplore({
      link,
      internalLink,
      scopedVars,
      range,
      field: field as Field,
      replaceVariables,
    });
    return { title: link.title, query: interpolatedParams?.query };
  });
}

const valueIn = (object: unknown, key: string): unknown =>
  (object as Readonly<Record<string, unknown>> | undefined)?.[key];
