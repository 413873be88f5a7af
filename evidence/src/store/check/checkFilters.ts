import { type FieldSpec, type FieldType, OPERATORS_OF_TYPE, REQUEST_FIELDS } from '../fields.ts';
import type { RequestFilter } from '../query.ts';
import { StoreQueryError } from '../store.ts';

/** RE2's cost grows with the expression; what people write by hand is far shorter. */
export const MAX_REGEX_LENGTH = 1000;

const TYPE_OF_VALUE: Readonly<Record<FieldType, string>> = {
  text: 'a text',
  number: 'a number',
  boolean: 'true or false',
  time: 'a number (epoch milliseconds)',
};

/** What is known of a field; names that only objects have (`constructor`) are no fields. */
export function fieldSpec(field: string, where: string): FieldSpec {
  if (!Object.hasOwn(REQUEST_FIELDS, field)) {
    throw new StoreQueryError('field_unknown', `${where}: there is no field of this name`, where);
  }
  return REQUEST_FIELDS[field as keyof typeof REQUEST_FIELDS];
}

/**
 * Refuses conditions that mean nothing, before anything is looked up. Whether a regular expression is valid says the
 * engine that runs it.
 *
 * @throws StoreQueryError `field_unknown`, `operator_unsupported`, `value_type`, `regex_too_long`.
 */
export function checkFilters(filters: readonly RequestFilter[]): void {
  filters.forEach((filter, at) => {
    checkFilter(filter, `filters[${at}]`);
  });
}

function checkFilter({ field, op, value }: RequestFilter, where: string): void {
  const { type } = fieldSpec(field, `${where}.field`);
  const operators = OPERATORS_OF_TYPE[type];
  if (!operators.includes(op)) {
    const message = `${where}.op: a field of type ${type} has ${operators.join(', ')}`;
    throw new StoreQueryError('operator_unsupported', message, `${where}.op`);
  }
  const expect = (holds: boolean, expected: string) => {
    if (holds) return;
    const found = Array.isArray(value) ? 'a list' : typeof value;
    throw new StoreQueryError(
      'value_type',
      `${where}.value: ${op} expects ${expected}, found ${found}`,
      `${where}.value`,
    );
  };
  const ofType = (one: unknown) => isOfType(type, one);
  switch (op) {
    case 'in':
    case 'nin':
      expect(Array.isArray(value) && value.every(ofType), `a list, each ${TYPE_OF_VALUE[type]}`);
      return;
    case 'exists':
      expect(typeof value === 'boolean', 'true or false');
      return;
    case 'contains':
      expect(typeof value === 'string', 'a text');
      return;
    case 'regex':
      expect(typeof value === 'string', 'a text');
      checkRegexLength(value as string, `${where}.value`);
      return;
    default:
      expect(ofType(value), TYPE_OF_VALUE[type]);
  }
}

function isOfType(type: FieldType, value: unknown): boolean {
  if (type === 'text') return typeof value === 'string';
  if (type === 'boolean') return typeof value === 'boolean';
  return typeof value === 'number' && Number.isFinite(value);
}

function checkRegexLength(expression: string, where: string): void {
  if (expression.length <= MAX_REGEX_LENGTH) return;
  const message = `${where}: at most ${MAX_REGEX_LENGTH} characters, found ${expression.length}`;
  throw new StoreQueryError('regex_too_long', message, where);
}
