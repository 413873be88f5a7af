import type { FieldDescription, FilterOperator } from '../../api/contract';
import { SERVER_LIMITS } from '../../query/limits';
import type { QueryFilter } from '../../query/model';
import { checkField, checkOperator, checkValue } from './check';
import { isList, KEYWORDS, SYMBOLS } from './operators';
import { CodeProblem } from './problem';
import { type Token, tokensOf } from './tokens';

/** What the language would take next; completion offers it. */
export type Expected =
  | { readonly what: 'condition' }
  | { readonly what: 'operator'; readonly field: string }
  | { readonly what: 'list' }
  | { readonly what: 'value'; readonly field: string; readonly op: FilterOperator }
  | { readonly what: 'separator' }
  | { readonly what: 'and' };

export interface Code {
  readonly filters: readonly QueryFilter[];
  readonly text: string;
}

/**
 * Reads code: `status >= 500 and requestedModel in (smart, "my model") and "rate limit"`. Conditions are joined by `and`
 * or stand on lines of their own; a text in quotes that stands alone is the free text.
 *
 * @param fields what may be asked; without them any name passes, and the server checks
 * @throws CodeProblem that says what was expected where
 */
export function parseCode(code: string, fields?: readonly FieldDescription[]): Code {
  return new Reader(tokensOf(code), code.length, fields).read();
}

/** What could follow the tokens. */
export function expectedAfter(tokens: readonly Token[]): Expected {
  const reader = new Reader(tokens, tokens.at(-1)?.to ?? 0, undefined);
  try {
    reader.read();
  } catch (error) {
    if (!(error instanceof CodeProblem)) throw error;
  }
  return reader.expected;
}

class Reader {
  expected: Expected = { what: 'condition' };
  private at = 0;
  private readonly tokens: readonly Token[];
  private readonly end: number;
  private readonly fields: readonly FieldDescription[] | undefined;
  private readonly filters: QueryFilter[] = [];
  private text: string | undefined;

  constructor(tokens: readonly Token[], end: number, fields: readonly FieldDescription[] | undefined) {
    this.tokens = tokens;
    this.end = end;
    this.fields = fields;
  }

  read(): Code {
    this.skipLines();
    while (this.peek() !== undefined) {
      this.readTerm();
      if (!this.readJoint()) break;
    }
    return { filters: this.filters, text: this.text ?? '' };
  }

  /** Whether another condition follows. */
  private readJoint(): boolean {
    this.expected = { what: 'and' };
    const joint = this.peek();
    if (joint === undefined) return false;
    if (keywordOf(joint) !== 'and' && joint.kind !== 'line') {
      throw new CodeProblem(
        `Expected \`and\` before ${shown(joint)}. Values with spaces or marks in them stand in double quotes.`,
        joint,
      );
    }
    this.skipLines();
    const hasAnd = keywordOf(this.peek()) === 'and';
    if (hasAnd) this.at += 1;
    this.skipLines();
    this.expected = { what: 'condition' };
    if (this.peek() !== undefined) return true;
    if (hasAnd) throw this.missing('a condition after `and`');
    return false;
  }

  private readTerm(): void {
    this.expected = { what: 'condition' };
    const first = this.take('a field or a text in quotes');
    if (first.kind === 'symbol' || keywordOf(first) !== undefined) {
      throw new CodeProblem(`Expected a field or a text in quotes, found ${shown(first)}.`, first);
    }
    if (first.kind === 'quoted' && !this.isOperator()) {
      this.readText(first);
      return;
    }
    checkField(first, this.fields);
    const field = first.value;
    this.expected = { what: 'operator', field };
    const from = this.peek();
    const op = this.readOperator(field);
    const place = { from: from?.from ?? first.from, to: this.tokens[this.at - 1]?.to ?? first.to };
    checkOperator(field, op, place, this.fields);
    this.filters.push({ field, op, values: this.readValues(field, op) });
    if (this.filters.length > SERVER_LIMITS.filters) {
      throw new CodeProblem(`At most ${SERVER_LIMITS.filters} filters are possible.`, first);
    }
  }

  private readText(token: Token): void {
    if (this.text !== undefined) {
      throw new CodeProblem('Only one free text is possible; use `errorMessage contains …` for another.', token);
    }
    if (token.value.length > SERVER_LIMITS.textCharacters) {
      throw new CodeProblem(`A free text has at most ${SERVER_LIMITS.textCharacters} characters.`, token);
    }
    this.text = token.value;
  }

  private isOperator(): boolean {
    const next = this.peek();
    const keyword = keywordOf(next);
    return next?.kind === 'symbol' || (keyword !== undefined && keyword !== 'and');
  }

  private readOperator(field: string): FilterOperator {
    const token = this.take(`an operator after ${field}`);
    const symbol = token.kind === 'symbol' ? SYMBOLS.get(token.value) : undefined;
    if (symbol !== undefined) return symbol;
    const keyword = keywordOf(token);
    if (keyword === 'contains' || keyword === 'exists' || keyword === 'in') return keyword;
    if (keyword === 'not') {
      const next = this.take('`in` after `not`');
      if (keywordOf(next) === 'in') return 'nin';
      throw new CodeProblem(`Expected \`in\` after \`not\`, found ${shown(next)}.`, next);
    }
    throw new CodeProblem(
      `Expected an operator after ${field} (= != > >= < <= =~ contains, in, not in, exists), found ${shown(token)}.`,
      token,
    );
  }

  private readValues(field: string, op: FilterOperator): string[] {
    if (op === 'exists') return [this.readExists(field)];
    const opens = this.peek()?.kind === 'symbol' && this.peek()?.value === '(';
    if (!isList(op) && !opens) {
      this.expected = { what: 'value', field, op };
      return [this.readValue(field, op)];
    }
    this.expected = { what: 'list' };
    this.takeSymbol('(', `\`(\` with the values of ${field}`);
    const values: string[] = [];
    for (;;) {
      this.expected = { what: 'value', field, op };
      this.skipLines();
      values.push(this.readValue(field, op));
      this.expected = { what: 'separator' };
      this.skipLines();
      const next = this.take('`,` or `)`');
      if (next.kind === 'symbol' && next.value === ')') return values;
      if (next.kind !== 'symbol' || next.value !== ',') {
        throw new CodeProblem(`Expected \`,\` or \`)\` in the list of ${field}, found ${shown(next)}.`, next);
      }
    }
  }

  private readExists(field: string): string {
    const next = this.peek();
    this.expected = { what: 'value', field, op: 'exists' };
    if (next === undefined || next.kind === 'line' || keywordOf(next) === 'and') return 'true';
    return this.readValue(field, 'exists');
  }

  private readValue(field: string, op: FilterOperator): string {
    const token = this.take(`a value for ${field}`);
    if (token.kind === 'symbol' || token.kind === 'line' || keywordOf(token) !== undefined) {
      throw new CodeProblem(`Expected a value for ${field}, found ${shown(token)}. Put it in double quotes.`, token);
    }
    checkValue(field, op, token, this.fields);
    return token.value;
  }

  private takeSymbol(symbol: string, what: string): void {
    const token = this.take(what);
    if (token.kind !== 'symbol' || token.value !== symbol) {
      throw new CodeProblem(`Expected ${what}, found ${shown(token)}.`, token);
    }
  }

  private peek(): Token | undefined {
    return this.tokens[this.at];
  }

  private take(what: string): Token {
    const token = this.peek();
    if (token === undefined) throw this.missing(what);
    this.at += 1;
    return token;
  }

  private missing(what: string): CodeProblem {
    return new CodeProblem(`Expected ${what}, found the end.`, { from: this.end, to: this.end });
  }

  private skipLines(): void {
    while (this.peek()?.kind === 'line') this.at += 1;
  }
}

/** The word of the language that a token is, in small letters. */
function keywordOf(token: Token | undefined): string | undefined {
  if (token?.kind !== 'word') return undefined;
  const lower = token.value.toLowerCase();
  return KEYWORDS.has(lower) ? lower : undefined;
}

/** Characters of a token in a message. */
const SHOWN = 40;

function shown({ kind, value }: Token): string {
  if (kind === 'line') return 'the end of the line';
  return `\`${value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value}\``;
}
