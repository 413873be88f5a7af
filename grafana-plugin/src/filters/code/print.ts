import type { QueryFilter } from '../../query/model';
import { isList, KEYWORDS, OPERATOR_CODE } from './operators';
import { quoted } from './tokens';

/** What stands without quotes: letters, digits and marks that mean nothing in the language, variables included. */
const BARE = /^[\w$][\w.:/@$#%&*+?^|{}[\]'-]*$/;

export const wordOf = (text: string): string =>
  BARE.test(text) && !KEYWORDS.has(text.toLowerCase()) ? text : quoted(text);

/**
 * Filters and free text as code. Filters without a value limit nothing and are left out; reading it again gives the same
 * filters in the same order.
 */
export function printCode(filters: readonly QueryFilter[], text: string): string {
  const terms = filters.filter(({ values }) => values.length > 0).map(termOf);
  if (text !== '') terms.push(quoted(text));
  return terms.join(' and ');
}

function termOf({ field, op, values }: QueryFilter): string {
  const [first = ''] = values;
  const isOne = values.length === 1 && !isList(op);
  const value = isOne ? wordOf(first) : `(${values.map(wordOf).join(', ')})`;
  return `${wordOf(field)} ${OPERATOR_CODE[op]} ${value}`;
}
