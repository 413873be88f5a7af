import { type GatewayRequest, REQUEST_FIELDS, type RequestField } from '@aisix-observability/evidence';

const FIELDS = (Object.keys(REQUEST_FIELDS) as RequestField[]).filter(
  (field) => REQUEST_FIELDS[field].scope === 'request',
);

/** Columns of a CSV export: every field of a request, then the attempts as JSON. */
export const CSV_COLUMNS: readonly string[] = [...FIELDS, 'attempts'];

/** Cells in the order of {@link CSV_COLUMNS}: times in ISO 8601 (UTC), what is not known empty. */
export function csvRow(request: GatewayRequest): string[] {
  return [...FIELDS.map((field) => cell(field, fieldOf(request, field))), JSON.stringify(request.attempts)];
}

function fieldOf(request: GatewayRequest, field: RequestField): unknown {
  if (field === 'attemptCount') return request.attempts.length;
  if (field === 'guardrail.name') return request.guardrail?.hits?.map(({ name }) => name).join(', ');
  let value: unknown = request;
  for (const step of field.split('.')) {
    if (value === null || typeof value !== 'object') return undefined;
    value = (value as Readonly<Record<string, unknown>>)[step];
  }
  return value;
}

/** Beyond it a date cannot be written. */
const LAST_DATE_MILLIS = 8.64e15;

function cell(field: RequestField, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (REQUEST_FIELDS[field].type === 'time' && typeof value === 'number' && Math.abs(value) <= LAST_DATE_MILLIS) {
    return new Date(value).toISOString();
  }
  return String(value);
}
