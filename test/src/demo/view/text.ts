import { stripVTControlCharacters } from 'node:util';

/** Control and format characters, line separators, what is not assigned: anything that could move the cursor or lie. */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** The longest text that is looked at; a cell is never wider than a terminal. */
const MAX_LENGTH = 1_000;

/** Text from outside, made safe to print on one line: escape sequences go, other controls show as `·`. */
export function safeText(text: string): string {
  return stripVTControlCharacters(text.slice(0, MAX_LENGTH)).replace(UNSAFE, '·');
}

const COMBINING = /\p{M}/u;
/** Characters that take two columns in a terminal. */
const WIDE =
  /\p{Emoji_Presentation}|[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\u{3000}-\u{303e}\u{ff01}-\u{ff60}\u{ffe0}-\u{ffe6}]/u;
const PLAIN = /^[\x20-\x7e]*$/;

/** Columns that a text takes in a terminal; styles take none. */
export function textWidth(styled: string): number {
  const text = stripVTControlCharacters(styled);
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += COMBINING.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return width;
}

/** Cuts an unstyled text to `width` columns, with `…` where something is missing. */
export function fit(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width <= 0) return '';
  let cut = '';
  let used = 0;
  for (const char of text) {
    const next = textWidth(char);
    if (used + next > width - 1) break;
    cut += char;
    used += next;
  }
  return `${cut}…`;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - textWidth(text))) + text;
}

/** Left and right of one line, with at least one space between them; the left gives way. */
export function spread(left: string, right: string, width: number): string {
  const gap = width - textWidth(left) - textWidth(right);
  return gap >= 1 ? left + ' '.repeat(gap) + right : left;
}

/** As many parts from the start as fit on one line, whole. Parts may be styled. */
export function joinFitting(parts: readonly string[], separator: string, width: number): string {
  let line = '';
  for (const part of parts) {
    const longer = line === '' ? part : `${line}${separator}${part}`;
    if (textWidth(longer) > width) break;
    line = longer;
  }
  return line;
}
