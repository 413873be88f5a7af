import type { QueryFilter } from '../../query/model';
import { isList, KEYWORDS, OPERATOR_CODE } from './operators';
import { quoted } from './tokens';

/** What stands without quotes: letters, digits and marks that mean nothing in the language, variables included. */
const BARE = /^[\p{L}\p{N}_$][\p{L}\p{N}_.:/@$#%&*+?^|{}[\]'-]*$/u;

/** Letters of writing from the right turn the order of what stands beside them, quotes around them do not. */
const FROM_RIGHT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

export const wordOf = (text: string): string =>
  BARE.test(text) && !FROM_RIGHT.test(text) && !KEYWORDS.has(text.toLowerCase()) ? text : quoted(text);

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
