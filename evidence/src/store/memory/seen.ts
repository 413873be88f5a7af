import { REQUEST_FIELDS, type RequestField } from '../fields.ts';
import type { ReadScope } from '../query.ts';
import type { ResourceName } from '../store.ts';
import type { Row } from './contents.ts';
import { pathOf } from './fieldValues.ts';
import { type JsonObject, replacedAt } from './json.ts';

/** Keyed hash of a personal value, as text. */
export type HashText = (text: string) => string;

/** A request as one caller sees it. */
export interface SeenRow {
  readonly row: Row;
  readonly request: JsonObject;
}

/** The requests of the environments that a caller may see, named, and without what the caller may not see. */
export function seenRows(
  rows: readonly Row[],
  scope: ReadScope,
  names: readonly ResourceName[],
  hash: HashText,
): SeenRow[] {
  return rows
    .filter(({ request }) => scope.environments.includes(request.environment))
    .map((row) => ({ row, request: masked(named(row, names), scope, hash) }));
}

function named({ request }: Row, names: readonly ResourceName[]): JsonObject {
  const known = names.find(
    ({ environment, kind, id }) => environment === request.environment && kind === 'api_key' && id === request.apiKeyId,
  );
  return { ...request, ...(known && { apiKeyName: known.name }) };
}

function masked(request: JsonObject, { visibility }: ReadScope, hash: HashText): JsonObject {
  return (Object.keys(REQUEST_FIELDS) as RequestField[]).reduce((seen, field) => {
    const how = visibility[field as keyof ReadScope['visibility']] ?? 'clear';
    if (how === 'clear') return seen;
    return replacedAt(seen, pathOf(field), how === 'hashed' ? hash : () => undefined) as JsonObject;
  }, request);
}
