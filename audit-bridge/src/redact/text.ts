import { withoutSecrets } from '@aisix-observability/evidence';
import { withoutHeaders } from './headers.ts';
import { HASH_MARK, hashedValue, type KeyedHash } from './keyedHash.ts';
import { cleanText, cutText, type Found } from './plainText.ts';
import { withoutCredentials } from './urlInText.ts';

/** What control planes allow for names, and room for every id. */
export const MAX_LABEL_LENGTH = 256;

/** The gateway cuts its own error messages here. */
export const MAX_FREE_TEXT_LENGTH = 2048;

/**
 * A name, id or word as it is, or hashed whole when it is too long for one, when something in it may be a secret, or
 * when it pretends to be a hash: two names must stay two, so nothing is cut out of them. Addresses of e-mail stay, unless
 * a colon or a double slash before the `@` makes them look like a user with a password.
 */
export function safeLabel(text: string, hash: KeyedHash, found: Found): string {
  const clean = cleanText(text);
  if (clean.length > MAX_LABEL_LENGTH || clean.startsWith(HASH_MARK)) return hashedValue(text, hash);
  const shown = withoutShapes(withoutHeaders(clean, found), hash, found);
  return shown === clean ? clean : hashedValue(text, hash);
}

/** Between two looks at a long text; a secret that was cut through at the end goes with its last word. */
const SCANNED_LENGTH = 4 * MAX_FREE_TEXT_LENGTH;
const LONGEST_LAST_WORD = SCANNED_LENGTH / 2;

/**
 * Text for people, on one line, with what looks like a secret taken out: values of headers of credentials up to the end
 * of their line, users and passwords of addresses, queries, tokens in paths, and what the patterns know. Rather too much
 * is taken out than too little.
 */
export function safeFreeText(text: string, hash: KeyedHash, found: Found): string {
  const lines = wholeWords(text).split(/[\r\n\u2028\u2029]+/);
  const clean = lines.map((line) => withoutHeaders(cleanText(line), found)).join(' ');
  return cutText(withoutShapes(clean, hash, found), MAX_FREE_TEXT_LENGTH);
}

function withoutShapes(line: string, hash: KeyedHash, found: Found): string {
  return withoutSecrets(withoutCredentials(line, hash, found), found);
}

function wholeWords(text: string): string {
  if (text.length <= SCANNED_LENGTH) return text;
  let end = SCANNED_LENGTH;
  while (end > LONGEST_LAST_WORD && /\S/.test(text.charAt(end - 1))) end -= 1;
  return cutText(text, end);
}
