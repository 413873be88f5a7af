import { type Found, noteFound } from './plainText.ts';

/** Names of what is secret, or the last word of such a name. */
const SECRET_WORDS: ReadonlySet<string> = new Set([
  'apikey',
  'auth',
  'authorization',
  'bearer',
  'cookie',
  'credential',
  'credentials',
  'jwt',
  'key',
  'otp',
  'pass',
  'passphrase',
  'passwd',
  'password',
  'pin',
  'pwd',
  'secret',
  'session',
  'sid',
  'sig',
  'signature',
  'token',
]);

/** Of these the whole rest of a line is the value. */
const HEADERS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'cookie2']);

/** Behind the word that counts: `sessionId`, `token-value`. */
const LAST_WORDS: ReadonlySet<string> = new Set(['id', 'value']);

/**
 * A name, perhaps in quotes, and a colon or an equals sign. Cannot begin inside a run of its own characters, so that a
 * line is read once.
 */
const NAMED = /(?<![A-Za-z0-9_-])([A-Za-z0-9_-]{2,64})(["'\\]{0,2})\s{0,4}([:=])\s{0,4}(["'])?/g;

/**
 * A line without the values of headers that hold credentials (to its end, or to the closing quote) and of anything that
 * is called a secret and set with `=`, or with a colon between quotes.
 */
export function withoutHeaders(line: string, found: Found): string {
  let result = '';
  let done = 0;
  NAMED.lastIndex = 0;
  for (let match = NAMED.exec(line); match !== null; match = NAMED.exec(line)) {
    const [, name = '', nameQuote = '', sign, quote] = match;
    const start = match.index + match[0].length;
    const { isSecret, isHeader } = meaningOf(name);
    const counts = isHeader || sign === '=' || (nameQuote !== '' && quote !== undefined);
    if (!isSecret || !counts) {
      // The quote may belong to the next name.
      NAMED.lastIndex = quote === undefined ? start : start - 1;
      continue;
    }
    const isWholeLine = isHeader && (nameQuote === '' || quote === undefined);
    const end = isWholeLine ? line.length : quote !== undefined ? closing(line, start, quote) : wordEnd(line, start);
    if (end === start) continue;
    const kind = isHeader ? 'header' : 'named_value';
    noteFound(found, kind);
    result += `${line.slice(done, start)}[redacted:${kind}]`;
    done = end;
    NAMED.lastIndex = end;
  }
  return result + line.slice(done);
}

function meaningOf(name: string): { readonly isSecret: boolean; readonly isHeader: boolean } {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[-_]+/)
    .filter((word) => word !== '');
  if (words.length > 1 && LAST_WORDS.has(words.at(-1) ?? '')) words.pop();
  const last = words.at(-1) ?? '';
  const isSecret =
    SECRET_WORDS.has(last) || HEADERS.has(last) || (words[0] === 'x' && words.some((word) => SECRET_WORDS.has(word)));
  return { isSecret, isHeader: isSecret && (HEADERS.has(last) || /[A-Za-z0-9]-/.test(name)) };
}

/** Where a quoted value ends: at the next such quote that is not escaped, else with the line. */
function closing(line: string, start: number, quote: string): number {
  for (let at = start; at < line.length; at += 1) {
    if (line[at] === '\\') at += 1;
    else if (line[at] === quote) return at;
  }
  return line.length;
}

function wordEnd(line: string, start: number): number {
  const length = line.slice(start).search(/[\s&]/);
  return length === -1 ? line.length : start + length;
}
