import type { CatalogueEntry } from '../../model/catalogue.ts';
import type { ConfigChange } from '../../model/change.ts';
import { outcomeOf } from '../../model/outcome.ts';
import { type Evidence, prepareEvidence } from '../evidence.ts';
import type { InvestigationParameters, RequestRow, SilentSpan } from '../model.ts';
import { createWindow } from '../window.ts';

/** The moment of most changes in these tests. */
export const T0 = Date.UTC(2026, 0, 15, 12);
export const MINUTE = 60_000;
export const ENVIRONMENT = 'prod';
const DATA_PLANE = 'dp-1';

/** How a request ends; `upstream` classes are attempts of the model asked for. */
export interface Ending {
  readonly status: number;
  readonly errorClass?: string;
  readonly message?: string;
  readonly refused?: boolean;
}

export const OK: Ending = { status: 200 };
export const REFUSED_KEY: Ending = { status: 401, errorClass: 'upstream_status', message: 'Incorrect API key' };
export const DOWN: Ending = { status: 502, errorClass: 'upstream_status', message: 'upstream returned HTTP 503' };
export const FORBIDDEN: Ending = { status: 403, errorClass: 'permission_denied', refused: true };
export const BLOCKED: Ending = { status: 422, errorClass: 'content_filter', refused: true };
export const LIMITED: Ending = { status: 429, errorClass: 'rate_limit_exceeded', refused: true };

/** One request; `at` is in milliseconds from `T0`. */
export function row(at: number, model: string, key: string, ending: Ending = OK, durationMs = 100): RequestRow {
  const { status, errorClass, message, refused } = ending;
  const outcome = outcomeOf({ status, errorClass });
  const attempt = { model, modelId: `id-${model}`, status, outcome, errorClass };
  return {
    startTime: T0 + at,
    durationMs,
    reconstructed: false,
    status,
    outcome,
    errorClass,
    errorMessage: message,
    requestedModel: model,
    servedModel: status === 200 ? model : undefined,
    modelId: refused === true ? undefined : `id-${model}`,
    apiKeyId: `id-${key}`,
    apiKeyName: key,
    dataPlane: DATA_PLANE,
    stream: false,
    cacheHit: false,
    attempts: refused === true ? [] : [attempt],
  };
}

/** Requests of one model and caller, evenly spaced. Times are milliseconds from `T0`. */
export function traffic(
  model: string,
  key: string,
  span: { readonly from: number; readonly to: number; readonly every: number },
  ending: (index: number, at: number) => Ending = () => OK,
): RequestRow[] {
  const rows: RequestRow[] = [];
  for (let at = span.from, index = 0; at < span.to; at += span.every, index++) {
    rows.push(row(at, model, key, ending(index, at)));
  }
  return rows;
}

/** Two providers, three models, two callers and a guardrail for all. */
export const ENTRIES: readonly CatalogueEntry[] = [
  entry('provider_key', 'pk-a', 'a-main', { provider: 'a', secret: 'hmac:000000000001' }),
  entry('provider_key', 'pk-b', 'b-main', { provider: 'b', api_base: 'https://b.example/v1' }),
  entry('model', 'id-one', 'one', { provider_key_id: 'pk-a', timeout: 30_000 }),
  entry('model', 'id-two', 'two', { provider_key_id: 'pk-a' }),
  entry('model', 'id-three', 'three', { provider_key_id: 'pk-b' }),
  entry('api_key', 'id-web', 'web', { allowed_models: ['*'] }),
  entry('api_key', 'id-batch', 'batch', { allowed_models: ['*'] }),
  entry('guardrail', 'id-words', 'words', { enabled: true }),
  entry('guardrail_attachment', 'id-words-env', undefined, { guardrail_id: 'id-words', scope_type: 'env' }),
];

export function entry(
  kind: string,
  id: string,
  name: string | undefined,
  value: Readonly<Record<string, unknown>>,
): CatalogueEntry {
  return { kind, id, ...(name !== undefined && { name }), environment: ENVIRONMENT, value };
}

/** A change in force `at` milliseconds from `T0`. */
export function change(
  id: string,
  resource: ConfigChange['resource'],
  paths: readonly (readonly [string, unknown, unknown])[],
  more: Partial<ConfigChange> & { readonly at?: number } = {},
): ConfigChange {
  const { at = 0, ...rest } = more;
  return {
    id,
    occurredAt: T0 + at,
    observedAt: T0 + at,
    effective: [{ dataPlane: DATA_PLANE, at: T0 + at }],
    action: 'update',
    resource,
    environment: ENVIRONMENT,
    paths: paths.map(([path, before, after]) => ({ path, before, after, secret: false })),
    result: 'success',
    trust: 'signed',
    state: 'applied',
    foundLate: false,
    conflict: false,
    source: 'test',
    ...rest,
  };
}

export const PROVIDER_A = { kind: 'provider_key', id: 'pk-a', name: 'a-main' } as const;
export const PROVIDER_B = { kind: 'provider_key', id: 'pk-b', name: 'b-main' } as const;
export const KEY_WEB = { kind: 'api_key', id: 'id-web', name: 'web' } as const;
export const KEY_BATCH = { kind: 'api_key', id: 'id-batch', name: 'batch' } as const;
export const GUARDRAIL = { kind: 'guardrail', id: 'id-words', name: 'words' } as const;
export const MODEL_ONE = { kind: 'model', id: 'id-one', name: 'one' } as const;
export const SECRET = [['/secret', 'hmac:000000000001', 'hmac:000000000002']] as const;

/** Evidence over 40 minutes before `T0` and 25 after it. */
export function evidenceOf(
  rows: readonly RequestRow[],
  changes: readonly ConfigChange[],
  more: {
    readonly entries?: readonly CatalogueEntry[];
    readonly at?: (time: number) => readonly CatalogueEntry[];
    readonly parameters?: InvestigationParameters;
    readonly silent?: readonly SilentSpan[];
    readonly from?: number;
  } = {},
): Evidence {
  const { entries = ENTRIES, at = () => entries, parameters, silent, from = -40 * MINUTE } = more;
  const window = createWindow({ environment: ENVIRONMENT, from: T0 + from, to: T0 + 25 * MINUTE });
  for (const one of rows) window.add(one);
  return prepareEvidence(
    { window: window.build(), changes, config: { at }, ...(silent !== undefined && { silent }) },
    parameters,
  );
}

/** Half an hour of healthy traffic around `T0`: model `one` and `three` of two callers, one request in four seconds each. */
export function healthy(): RequestRow[] {
  const span = { from: -39 * MINUTE, to: 25 * MINUTE, every: 4_000 };
  return ['one', 'two', 'three'].flatMap((model) => ['web', 'batch'].flatMap((key) => traffic(model, key, span)));
}

/** The same with some endings of its own from `T0` on. */
export function broken(ending: (one: RequestRow) => Ending | undefined): RequestRow[] {
  return healthy().map((one) => {
    const end = ending(one);
    return end === undefined ? one : row(one.startTime - T0, one.requestedModel ?? '', one.apiKeyName ?? '', end);
  });
}

export const after = ({ startTime }: RequestRow, millis = 0): boolean => startTime >= T0 + millis;
export const END = T0 + 25 * MINUTE;
