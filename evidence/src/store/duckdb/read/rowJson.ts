import type { PersonalField } from '../../fields.ts';
import type { ReadScope } from '../../query.ts';
import type { Cell } from '../engine/session.ts';
import {
  COLUMNS,
  JSON_COLUMN_NAMES,
  PLAIN_ATTEMPT_COLUMNS,
  TICKS_PER_MILLI,
  TOKEN_COLUMNS,
  TOKENS_OF_REQUEST,
  TTFT_OF_REQUEST,
} from '../sql/columns.ts';

/** What `rowOf` needs of a row `r`, as cells. */
export const ROW_CELLS: string = JSON_COLUMN_NAMES.map((name) => {
  const type = COLUMNS.find((column) => column.name === name)?.type ?? '';
  if (type === 'UUID') return `r.${name}::VARCHAR`;
  return type.endsWith('[]') ? `to_json(r.${name})::VARCHAR` : `r.${name}`;
}).join(', ');

/** Columns of a row by name. */
export type RowValues = Readonly<Record<string, Cell | undefined>>;

export function rowOf(cells: readonly Cell[]): RowValues {
  return Object.fromEntries(JSON_COLUMN_NAMES.map((name, at) => [name, cells[at] ?? null]));
}

/**
 * The JSON of one row, as `requestJson` makes it in the engine. A statement that builds JSON takes the engine ten
 * milliseconds to prepare, which for a few rows is most of the work.
 *
 * @param catalogued what the catalogue calls the caller key.
 */
export function rowJson(r: RowValues, catalogued: string | undefined, { visibility }: ReadScope): string {
  const allClear = Object.values(visibility).every((seen) => seen === 'clear');
  if (typeof r.original === 'string' && allClear && catalogued === undefined) return r.original;
  const personal = (field: PersonalField, column: string): Cell => {
    const seen = visibility[field] ?? 'clear';
    if (seen === 'hidden') return null;
    return r[seen === 'hashed' ? `${column}_hash` : column] ?? null;
  };
  const micros = Number(r.start_us);
  const start = Math.round(micros * 4.096) + Number(r.start_fine);
  const end = start + Number(r.end_ticks);
  const tokens = objectOf(TOKEN_COLUMNS.map(([key, name]) => [key, r[`tokens_${name}`]]));
  return `{${[
    ...membersOf([
      ['requestId', r.request_text ?? r.request_uuid],
      ['traceId', r.trace_text ?? (typeof r.trace_uuid === 'string' ? r.trace_uuid.replaceAll('-', '') : null)],
      ['environment', r.environment],
      ['n', r.n],
      ['dataPlane', r.data_plane],
      ['state', r.state],
      ['timing', r.timing],
      ['startTime', start / TICKS_PER_MILLI],
      ['endTime', end / TICKS_PER_MILLI],
      ['durationMs', r.other_duration ?? Number(r.end_ticks) / TICKS_PER_MILLI],
      ['status', r.status],
      ['outcome', r.outcome],
      ['requestedModel', r.requested_model],
      ['servedModel', r.served_model],
      ['modelId', r.model_id],
      ['errorClass', r.error_class],
      ['errorMessage', r.error_message],
      ['apiKeyId', r.api_key_id],
      ['apiKeyName', catalogued ?? r.api_key_name],
      ['protocol', r.protocol],
      ['operation', r.operation],
      ['stream', r.stream],
      ['ttftMs', r.ttft_ms],
      ['downstreamLatencyMs', r.downstream_ms],
      ['costUsd', r.cost_usd],
    ]),
    ...jsonMembers([
      ['tokens', tokens],
      ['cache', r.cache],
      ['guardrail', r.guardrail],
      [
        'jwt',
        objectOf([
          ['subject', personal('jwt.subject', 'jwt_subject')],
          ['provider', r.jwt_provider],
          ['claimMapping', r.jwt_claim_mapping],
        ]),
      ],
      [
        'client',
        objectOf([
          ['address', personal('client.address', 'client_address')],
          ['userAgent', personal('client.userAgent', 'client_agent')],
          ['identity', personal('client.identity', 'client_identity')],
        ]),
      ],
      ['feeds', r.feeds],
    ]),
    ...membersOf([['revision', r.revision]]),
    `"attempts":[${attemptsOf(r)
      .map((attempt) => attemptJson(attempt, start, end, tokens, r.ttft_ms ?? null))
      .join(',')}]`,
    ...(typeof r.rest === 'string' ? [r.rest] : []),
  ].join(',')}}`;
}

function attemptsOf(r: RowValues): RowValues[] {
  if (Number(r.attempt_count) === 0) return [];
  const first = Object.entries(r).flatMap(([name, value]) => (name.startsWith('a_') ? [[name.slice(2), value]] : []));
  return [Object.fromEntries(first) as RowValues, ...(JSON.parse(String(r.more ?? '[]')) as RowValues[])];
}

function attemptJson(a: RowValues, start: number, end: number, tokens: string | null, ttftMs: Cell): string {
  const [startTicks, endTicks] = [start + Number(a.start_ticks), end + Number(a.end_ticks)];
  return `{${[
    ...membersOf([
      ...PLAIN_ATTEMPT_COLUMNS.map(([key, name]) => [key, a[name]] as const),
      ['startTime', startTicks / TICKS_PER_MILLI],
      ['endTime', endTicks / TICKS_PER_MILLI],
      ['durationMs', a.other_duration ?? (endTicks - startTicks) / TICKS_PER_MILLI],
      ['ttftMs', a.ttft_ms === TTFT_OF_REQUEST ? ttftMs : a.ttft_ms],
    ]),
    ...jsonMembers([['tokens', a.tokens === TOKENS_OF_REQUEST ? tokens : a.tokens]]),
  ].join(',')}}`;
}

type Entry = readonly [key: string, value: Cell | undefined];

const isPresent = ([, value]: Entry) => value !== null && value !== undefined;

const membersOf = (entries: readonly Entry[]): string[] =>
  entries.filter(isPresent).map(([key, value]) => `"${key}":${JSON.stringify(value)}`);

/** Of values that are JSON text already. */
const jsonMembers = (entries: readonly Entry[]): string[] =>
  entries.filter(isPresent).map(([key, value]) => `"${key}":${value}`);

function objectOf(entries: readonly Entry[]): string | null {
  const members = membersOf(entries);
  return members.length === 0 ? null : `{${members.join(',')}}`;
}
