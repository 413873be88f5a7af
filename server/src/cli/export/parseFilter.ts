import { FILTER_OPERATORS, type FilterOperator } from '@aisix-observability/evidence';
import { EXIT } from '../exitCodes.ts';
import { CommandError } from '../failure.ts';

export const FILTER_HELP =
  'a condition, such as `status=gte:500`, `outcome=in:provider_error,budget` or `requestedModel=gpt-4o`';

export interface ParsedFilter {
  readonly field: string;
  readonly op: FilterOperator;
  readonly value: string | boolean | readonly string[];
}

/**
 * `field=op:value`; without an operator the value has to be equal. Names of models have colons too, so only a word that
 * is an operator is taken for one. Whether field and value fit is for the api to say.
 *
 * @throws CommandError
 */
export function parseFilter(text: string): ParsedFilter {
  const equals = text.indexOf('=');
  if (equals < 1) throw new CommandError(EXIT.usage, `a filter is ${FILTER_HELP}`);
  const field = text.slice(0, equals).trim();
  const rest = text.slice(equals + 1);
  const colon = rest.indexOf(':');
  const op = FILTER_OPERATORS.find((each) => each === rest.slice(0, colon));
  if (op === undefined) return { field, op: 'eq', value: rest };
  const value = rest.slice(colon + 1);
  if (op === 'in' || op === 'nin') return { field, op, value: value.split(',') };
  return { field, op, value };
}
