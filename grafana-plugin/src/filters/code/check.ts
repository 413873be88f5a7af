import type { FieldDescription, FilterOperator } from '../../api/contract';
import { nearest } from './nearest';
import { OPERATOR_CODE } from './operators';
import { CodeProblem } from './problem';
import type { Token } from './tokens';

type Place = Pick<Token, 'from' | 'to'>;
type Fields = readonly FieldDescription[] | undefined;

const find = (field: string, fields: Fields) => fields?.find(({ name }) => name === field);

/** @throws CodeProblem for a name that is no field, with the nearest one */
export function checkField({ value, from, to }: Token, fields: Fields): void {
  if (fields === undefined || find(value, fields) !== undefined) return;
  const near = nearest(
    value,
    fields.map(({ name }) => name),
  );
  throw new CodeProblem(`There is no field ${value}.${near === undefined ? '' : ` Did you mean ${near}?`}`, {
    from,
    to,
  });
}

/** @throws CodeProblem for an operator that the field does not have */
export function checkOperator(field: string, op: FilterOperator, place: Place, fields: Fields): void {
  const known = find(field, fields);
  if (known === undefined || known.operators.includes(op)) return;
  const possible = known.operators.map((each) => OPERATOR_CODE[each]).join(' ');
  throw new CodeProblem(`${field} cannot be compared by ${OPERATOR_CODE[op]}; it has ${possible}.`, place);
}

/** Operators that compare with a whole value. */
const WHOLE: readonly FilterOperator[] = ['eq', 'neq', 'in', 'nin', 'gt', 'gte', 'lt', 'lte'];

/** @throws CodeProblem for a value that no request can have; variables are not known yet and pass */
export function checkValue(field: string, op: FilterOperator, { value, from, to }: Token, fields: Fields): void {
  const known = find(field, fields);
  if (/\$|\[\[/.test(value)) return;
  if (op === 'exists' || (known?.type === 'boolean' && WHOLE.includes(op))) {
    if (value === 'true' || value === 'false') return;
    throw new CodeProblem(`Expected true or false for ${field}, found ${value}.`, { from, to });
  }
  if (known === undefined || !WHOLE.includes(op)) return;
  if (known.type === 'number' && (value.trim() === '' || !Number.isFinite(Number(value)))) {
    throw new CodeProblem(`Expected a number for ${field}, found ${value}.`, { from, to });
  }
  if (known.values !== undefined && !known.hashed && !known.values.includes(value)) {
    const near = nearest(value, known.values);
    const said = near === undefined ? `It is one of ${known.values.join(', ')}.` : `Did you mean ${near}?`;
    throw new CodeProblem(`${field} is never ${value}. ${said}`, { from, to });
  }
}
