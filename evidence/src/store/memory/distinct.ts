import type { ValuesAnswer, ValuesQuery } from '../query.ts';
import type { ResourceName } from '../store.ts';
import { fieldValues } from './fieldValues.ts';
import { compareValues, lowerCase } from './matches.ts';
import type { SeenRow } from './seen.ts';

/** What the catalogue calls the resource whose id is a value of this field. */
const KIND_OF_ID = new Map<string, ResourceName['kind']>([
  ['apiKeyId', 'api_key'],
  ['modelId', 'model'],
  ['attempt.modelId', 'model'],
]);

/** Different values of a field with the number of requests that have them, most frequent first. */
export function distinct(rows: readonly SeenRow[], query: ValuesQuery, names: readonly ResourceName[]): ValuesAnswer {
  const counts = new Map<string, number>();
  for (const { request } of rows) {
    for (const value of new Set(fieldValues(request, query.field).map(String))) {
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }
  const wanted = lowerCase((query.search ?? '').toWellFormed());
  const found = [...counts]
    .map(([value, count]) => {
      const name = nameOf(query, value, names);
      return { value, count, ...(name !== undefined && { name }) };
    })
    .filter(({ value, name }) => [value, name ?? ''].some((text) => lowerCase(text).includes(wanted)))
    .toSorted((a, b) => b.count - a.count || compareValues(a.value, b.value));
  return { values: found.slice(0, query.limit), more: found.length > query.limit };
}

function nameOf({ field, scope }: ValuesQuery, id: string, names: readonly ResourceName[]): string | undefined {
  const kind = KIND_OF_ID.get(field);
  const known = scope.environments.flatMap((environment) =>
    names.filter((name) => name.environment === environment && name.kind === kind && name.id === id),
  );
  return known[0]?.name;
}
