import type { FieldDescription, FilterOperator } from '../../api/contract';
import { isList, OPERATOR_CODE } from './operators';
import { type Expected, expectedAfter } from './parse';
import { wordOf } from './print';
import { CodeProblem } from './problem';
import { type Token, tokensOf } from './tokens';

/** What could stand at the cursor, and which characters it would replace. */
export interface Place {
  readonly expected: Expected;
  /** What is typed of it already. */
  readonly typed: string;
  readonly from: number;
  readonly to: number;
}

export interface Completion {
  readonly label: string;
  readonly description?: string | undefined;
  /** Takes the place of what was typed. */
  readonly insert: string;
}

/** @returns nothing where the text before the cursor cannot be read */
export function placeAt(code: string, cursor: number): Place | undefined {
  const before = tokensBefore(code.slice(0, cursor));
  if (before === undefined) return undefined;
  const last = before.at(-1);
  // A symbol or a line break is complete; a word that touches the cursor may go on.
  const typed = last !== undefined && last.to === cursor && isOpen(last, code) ? last : undefined;
  const expected = expectedAfter(typed === undefined ? before : before.slice(0, -1));
  return { expected, typed: typed?.value ?? '', from: typed?.from ?? cursor, to: cursor };
}

function tokensBefore(text: string): Token[] | undefined {
  try {
    return tokensOf(text, true);
  } catch (error) {
    if (error instanceof CodeProblem) return undefined;
    throw error;
  }
}

const isOpen = ({ kind, from, to }: Token, code: string) =>
  kind === 'word' || (kind === 'quoted' && (to - from === 1 || code[to - 1] !== '"'));

/** Completions that need no server; those of values are asked for where they are shown. */
export function completionsAt({ expected, typed }: Place, fields: readonly FieldDescription[]): Completion[] {
  const fits = (text: string) => text.toLowerCase().includes(typed.toLowerCase());
  switch (expected.what) {
    case 'condition':
      return byPrefix(
        fields
          .filter(({ name }) => fits(name))
          .map(({ name, description }) => ({ label: name, description, insert: `${name} ` })),
        typed,
      );
    case 'operator': {
      const operators = fields.find(({ name }) => name === expected.field)?.operators ?? OPERATORS;
      return operators
        .filter((op) => fits(OPERATOR_CODE[op]))
        .map((op) => ({
          label: OPERATOR_CODE[op],
          description: MEANINGS[op],
          insert: `${OPERATOR_CODE[op]} ${isList(op) ? '(' : ''}`,
        }));
    }
    case 'list':
      return [{ label: '(', insert: '(' }];
    case 'separator':
      return [
        { label: ',', description: 'another value', insert: ', ' },
        { label: ')', description: 'end of the list', insert: ') ' },
      ];
    case 'and':
      return fits('and') ? [{ label: 'and', description: 'another condition', insert: 'and ' }] : [];
    case 'value':
      return [];
  }
}

/** A value as it is written; behind one of a list another may follow. */
export const completionOf = ({ value, label }: { value: string; label?: string }, op: FilterOperator): Completion => ({
  label: label ?? value,
  ...(label === undefined || label === value ? {} : { description: value }),
  insert: isList(op) ? wordOf(value) : `${wordOf(value)} `,
});

const OPERATORS = Object.keys(OPERATOR_CODE) as FilterOperator[];

const MEANINGS: Readonly<Record<FilterOperator, string>> = {
  eq: 'is',
  neq: 'is not, or is absent',
  in: 'one of a list',
  nin: 'none of a list, or is absent',
  contains: 'has a part, in any case of letters',
  regex: 'matches a regular expression (RE2)',
  gt: 'more than',
  gte: 'at least',
  lt: 'less than',
  lte: 'at most',
  exists: 'is there: true or false',
};

/** What begins with the text goes before what has it somewhere. */
const byPrefix = (completions: Completion[], typed: string): Completion[] =>
  completions.sort((a, b) => Number(b.label.startsWith(typed)) - Number(a.label.startsWith(typed)));
