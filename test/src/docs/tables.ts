import { ANNOTATION_METRIC_HELP, LOG_ATTRIBUTE_TABLE } from '@aisix-observability/audit-bridge';
import { ATTRIBUTE_TABLE, REFUSAL_CODES, REQUEST_METRIC_HELP } from '@aisix-observability/collector-exporter';
import { DESTINATION_METRIC_HELP } from '@aisix-observability/pipeline';
import { LIMITS, SERVER_METRIC_HELP } from '@aisix-observability/server';

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const code = (text: string) => `\`${text}\``;

const twoColumns = (heads: readonly [string, string], entries: Readonly<Record<string, string>>): string =>
  table(
    heads,
    Object.entries(entries).map(([name, says]) => [code(name), says]),
  );

function humanLimit(unit: string, value: number): string {
  if (unit === 'duration')
    return value % 86_400_000 === 0
      ? `${value / 86_400_000}d`
      : value % 60_000 === 0
        ? `${value / 60_000}m`
        : `${value / 1_000}s`;
  if (unit === 'size')
    return value % 1024 ** 3 === 0
      ? `${value / 1024 ** 3}GiB`
      : value % 1024 ** 2 === 0
        ? `${value / 1024 ** 2}MiB`
        : `${value / 1024}KiB`;
  return String(value);
}

/** Tables of the documentation that are made of what the code holds, by the name in their marker. */
export const DOC_TABLES: Readonly<Record<string, () => string>> = {
  attributes: () =>
    table(
      ['attribute', 'type', 'on', 'says'],
      Object.entries(ATTRIBUTE_TABLE).map(([name, { type, on, says }]) => [code(name), type, on.join(', '), says]),
    ),
  'log-attributes': () =>
    table(
      ['attribute', 'type', 'on', 'says'],
      Object.entries(LOG_ATTRIBUTE_TABLE).map(([name, { type, on, says }]) => [code(name), type, on.join(', '), says]),
    ),
  'annotation-metrics': () => twoColumns(['metric', 'says'], ANNOTATION_METRIC_HELP),
  refusals: () => twoColumns(['code', 'refused because'], REFUSAL_CODES),
  'request-metrics': () => twoColumns(['metric', 'says'], REQUEST_METRIC_HELP),
  'destination-metrics': () => twoColumns(['metric', 'says'], DESTINATION_METRIC_HELP),
  'server-metrics': () => twoColumns(['metric', 'says'], SERVER_METRIC_HELP),
  limits: () =>
    table(
      ['key', 'default', 'why'],
      Object.values(LIMITS).map(({ key, unit, initial, reason }) => [
        code(key),
        code(humanLimit(unit, initial)),
        reason,
      ]),
    ),
};

/** The text with every `<!-- table: name -->` … `<!-- end -->` filled anew. */
export function withTables(text: string): string {
  return text.replaceAll(
    /(<!-- table: ([a-z-]+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, open: string, name: string, end: string) => {
      const make = DOC_TABLES[name];
      if (make === undefined) throw new Error(`no table is called ${name}`);
      return `${open}${make()}\n${end}`;
    },
  );
}
