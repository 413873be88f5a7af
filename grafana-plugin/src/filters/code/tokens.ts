import { CodeProblem } from './problem';

export interface Token {
  readonly kind: 'word' | 'quoted' | 'symbol' | 'line';
  /** What it stands for: a quoted text without its quotes. */
  readonly value: string;
  readonly from: number;
  /** Behind its last character. */
  readonly to: number;
}

/** Characters that end a word; values that have them stand in quotes. */
const WORD = /[^\s"(),=!<>~]+/y;
const SYMBOL = /!=|=~|>=|<=|[=<>(),]/y;
const BLANK = /[^\S\n]+/y;
const LINE = /\n\s*/y;
/** Without its end a text is still taken apart, for completion while it is typed. */
const QUOTED = /"((?:[^"\\]|\\[\s\S])*)("?)/y;

/**
 * Takes a text apart.
 *
 * @param unfinished whether a quoted text at the end may lack its second quote
 * @throws CodeProblem for what is no part of the language
 */
export function tokensOf(code: string, unfinished = false): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(code);
    if (found === null) return undefined;
    at = pattern.lastIndex;
    return found;
  };
  while (at < code.length) {
    const from = at;
    if (take(BLANK) !== undefined) continue;
    const push = (kind: Token['kind'], value: string) => tokens.push({ kind, value, from, to: at });
    const line = take(LINE);
    if (line !== undefined) {
      push('line', '\n');
      continue;
    }
    const quoted = take(QUOTED);
    if (quoted !== undefined) {
      const [, inside = '', end] = quoted;
      if (end === '' && !unfinished) {
        throw new CodeProblem('The text that begins here lacks its closing quote.', { from, to: at });
      }
      push('quoted', unescaped(inside));
      continue;
    }
    const symbol = take(SYMBOL);
    if (symbol !== undefined) {
      push('symbol', symbol[0]);
      continue;
    }
    const word = take(WORD);
    if (word === undefined) {
      throw new CodeProblem(`${code[from]} means nothing here; operators are = != =~ > >= < <=.`, {
        from,
        to: from + 1,
      });
    }
    push('word', word[0]);
  }
  return tokens;
}

const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g;
const NAMED: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\' };

/** Other backslashes stay what they are, so that regular expressions need not be escaped twice. */
const unescaped = (inside: string): string =>
  inside.replace(ESCAPE, (whole, hex?: string, character?: string) =>
    hex === undefined ? (NAMED[character ?? ''] ?? whole) : String.fromCharCode(Number.parseInt(hex, 16)),
  );

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const STEERING = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/g;
const PAIR = /[\ud800-\udbff][\udc00-\udfff]/g;

/** A text in quotes, in one line; what would be invisible or turn the direction of writing is spelled out. */
export function quoted(text: string): string {
  const spelled = (part: string) =>
    part
      .replace(/["\\]/g, '\\$&')
      .replace(STEERING, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  let written = '';
  let end = 0;
  // Pairs of surrogates are one character and stay; halves are not.
  for (const pair of text.matchAll(PAIR)) {
    written += spelled(text.slice(end, pair.index)) + pair[0];
    end = pair.index + pair[0].length;
  }
  return `"${written}${spelled(text.slice(end))}"`;
}
