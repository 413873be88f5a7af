import { withoutSecrets } from '@aisix-observability/evidence';
import { HASH_MARK, hashedValue, type KeyedHash } from './keyedHash.ts';

/** What control planes allow for names, and room for every id. */
export const MAX_LABEL_LENGTH = 256;

/** The gateway cuts its own error messages here. */
export const MAX_FREE_TEXT_LENGTH = 2048;

/**
 * Control characters, line and paragraph separators, and the invisible or direction-changing characters with which a
 * text can be made to look like another or a secret be hidden from a pattern.
 */
const UNWANTED = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** One line of visible text with valid surrogates; line breaks and tabs become spaces. */
export function cleanText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\t\r\n\u2028\u2029]+/g, ' ')
    .replace(UNWANTED, '');
}

/** The first `max` UTF-16 units, never half a surrogate pair. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  const last = text.charCodeAt(max - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? max - 1 : max);
}

/** Counts what the patterns found. */
export type Found = Map<string, number>;

/** A URL with a user, a query or a fragment, in the place of a name. */
const LADEN_URL = /:\/\/[^\s?#@]{0,256}[?#@]/;

/**
 * A name, id or word as it is, or hashed whole when it is too long for one, when a pattern finds a secret in it, or
 * when it pretends to be a hash: two names must stay two, so nothing is cut out of them.
 */
export function safeLabel(text: string, hash: KeyedHash, found: Found): string {
  const clean = cleanText(text);
  if (clean.length > MAX_LABEL_LENGTH || clean.startsWith(HASH_MARK) || LADEN_URL.test(clean)) {
    return hashedValue(text, hash);
  }
  return withoutSecrets(clean, found) === clean ? clean : hashedValue(text, hash);
}

/** Between two looks at a long text; a secret that was cut through at the end goes with its last word. */
const SCANNED_LENGTH = 4 * MAX_FREE_TEXT_LENGTH;

/** `https://user@…`: some services take a token for the user's name. */
const URL_USER = /(\/\/)\S{1,4096}@/g;
/** `user:password@host`, without a scheme. */
const USER_PASSWORD = /[^\s/@:"'<>]{1,256}:[^\s@"'<>]{1,1024}@(?=[\w.-])/g;
/** Headers that carry credentials, as messages quote them: all that follows on the line. */
const CREDENTIAL_HEADER =
  /\b((?:proxy-)?authorization|(?:set-)?cookie|x-[a-z0-9-]{0,64}(?:key|token|auth|secret)[a-z0-9-]{0,64})(\s{0,8}:\s{0,8})[^"'<>]{1,4096}/gi;
/** Of an address without a scheme: `/v1?key=…`. */
const QUERY_VALUE = /([?&][\w.-]{1,64}=)[^\s&"'<>]{1,1024}/g;
const URL_QUERY = /([a-z][a-z0-9+.-]{0,31}:\/\/[^\s?#"'<>]{1,1024})[?#][^\s"'<>]*/gi;

/** Text for people, with what looks like a secret and the credentials and queries of URLs taken out. */
export function safeFreeText(text: string, found: Found): string {
  const whole = text.length <= SCANNED_LENGTH;
  const looked = whole ? text : cutText(text, SCANNED_LENGTH).replace(/\S{0,4096}$/, '');
  const withoutUsers = cleanText(looked)
    .replace(URL_USER, '$1')
    .replace(USER_PASSWORD, '')
    .replace(URL_QUERY, '$1?[redacted:query]')
    .replace(QUERY_VALUE, '$1[redacted:query]')
    .replace(CREDENTIAL_HEADER, '$1$2[redacted:header]');
  return cutText(withoutSecrets(withoutUsers, found), MAX_FREE_TEXT_LENGTH);
}
