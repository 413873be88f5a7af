import type { RequestField } from '../fields.ts';
import type { FilterValue } from '../query.ts';
import { type JsonObject, valuesAt } from './json.ts';

/** Where the values of fields lie that are not simply at their own path. */
const PATHS: Readonly<Partial<Record<RequestField, readonly string[]>>> = {
  'guardrail.name': ['guardrail', 'hits', 'name'],
};

export function pathOf(field: RequestField): readonly string[] {
  const [first, ...rest] = field.split('.');
  return PATHS[field] ?? (first === 'attempt' ? ['attempts', ...rest] : field.split('.'));
}

/** Every value that a request has of a field; none where it is absent. */
export function fieldValues(request: JsonObject, field: RequestField): FilterValue[] {
  if (field === 'attemptCount') return [(request.attempts as readonly unknown[]).length];
  return valuesAt(request, pathOf(field)) as FilterValue[];
}
