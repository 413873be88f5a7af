import { ANNOTATION_METRIC_HELP, LOG_ATTRIBUTE_TABLE } from '@aisix-observability/audit-bridge';
import {
  ARCHIVE_METRIC_HELP,
  ASSEMBLY_METRIC_HELP,
  ATTRIBUTE_TABLE,
  BUCKET_FAULTS,
  FOLLOWER_METRIC_HELP,
  HTTP_ERRORS,
  INPUT_METRIC_HELP,
  OWN_FAULTS,
  REFUSAL_CODES,
  REQUEST_METRIC_HELP,
  S3_ERRORS,
} from '@aisix-observability/collector-exporter';
import { MEASURES, OPERATORS_OF_TYPE, REQUEST_FIELDS } from '@aisix-observability/evidence';
import { DESTINATION_METRIC_HELP, STREAM_METRIC_HELP } from '@aisix-observability/pipeline';
import {
  API_ERRORS,
  API_LIMITS,
  AUDIT_METRIC_HELP,
  CONNECTION_FAULTS,
  LIMITS,
  LISTENER_ERRORS,
  SERVER_METRIC_HELP,
  STORE_METRIC_HELP,
} from '@aisix-observability/server';
import { classRows, outcomeRows } from '../investigate/outcomeTable.ts';

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const code = (text: string) => `\`${text}\``;

const twoColumns = (heads: readonly [string, string], entries: Readonly<Record<string, string>>): string =>
  table(
    heads,
    Object.entries(entries).map(([name, says]) => [code(name), says]),
  );

const errors = (entries: Readonly<Record<string, { readonly status: number; readonly says: string }>>): string =>
  table(
    ['code', 'status', 'means'],
    Object.entries(entries).map(([name, { status, says }]) => [code(name), String(status), says]),
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

function humanApiLimit(unit: 'bytes' | 'ms' | 'characters' | 'count', value: number): string {
  if (unit === 'bytes') return humanLimit('size', value);
  if (unit === 'ms') return value < 1000 ? `${value}ms` : humanLimit('duration', value);
  return unit === 'count' ? String(value) : `${value} ${unit}`;
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
  's3-errors': () => errors(S3_ERRORS),
  'http-errors': () => errors(HTTP_ERRORS),
  'listener-errors': () => errors(LISTENER_ERRORS),
  'connection-faults': () => twoColumns(['code', 'means'], CONNECTION_FAULTS),
  'follower-faults': () => twoColumns(['code', 'means'], { ...BUCKET_FAULTS, ...OWN_FAULTS }),
  'input-metrics': () => twoColumns(['metric', 'says'], INPUT_METRIC_HELP),
  'follower-metrics': () => twoColumns(['metric', 'says'], FOLLOWER_METRIC_HELP),
  'archive-metrics': () => twoColumns(['metric', 'says'], ARCHIVE_METRIC_HELP),
  'stream-metrics': () => twoColumns(['metric', 'says'], { ...STREAM_METRIC_HELP, ...ASSEMBLY_METRIC_HELP }),
  'request-metrics': () => twoColumns(['metric', 'says'], REQUEST_METRIC_HELP),
  'destination-metrics': () => twoColumns(['metric', 'says'], DESTINATION_METRIC_HELP),
  'store-metrics': () => twoColumns(['metric', 'says'], STORE_METRIC_HELP),
  'audit-metrics': () => twoColumns(['metric', 'says'], AUDIT_METRIC_HELP),
  'server-metrics': () => twoColumns(['metric', 'says'], SERVER_METRIC_HELP),
  'api-limits': () =>
    table(
      ['limit', 'is', 'why'],
      Object.entries(API_LIMITS).map(([name, { unit, value, reason }]) => [
        code(name),
        humanApiLimit(unit, value),
        reason,
      ]),
    ),
  'api-errors': () =>
    table(
      ['code', 'status', 'says'],
      Object.entries(API_ERRORS).map(([name, { status, says }]) => [code(name), String(status), says]),
    ),
  'api-fields': () =>
    table(
      ['field', 'type', 'groups', 'says'],
      Object.entries(REQUEST_FIELDS).map(([name, spec]) => [
        code(name),
        spec.type,
        'groupable' in spec ? 'yes' : '',
        spec.description,
      ]),
    ),
  'api-operators': () =>
    table(
      ['type', 'operators'],
      Object.entries(OPERATORS_OF_TYPE).map(([type, operators]) => [type, operators.map(code).join(', ')]),
    ),
  'outcome-classes': () => table(['class', 'says'], classRows()),
  outcomes: () =>
    table(['status', 'error class', 'attempts', 'outcome', 'class', 'severity', 'requests'], outcomeRows()),
  'api-measures': () => MEASURES.map(code).join(', '),
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
