import type { KeyedHash } from './keyedHash.ts';
import { safePart } from './pathPart.ts';
import { type Found, noteFound } from './plainText.ts';

/**
 * What may stand before a user and a password and is shown: marks, the name that the address is given to, and a scheme
 * that is known, since in `anything://x@host` anything may be part of the password.
 */
const BEFORE_USER =
  /^["'([{<,;]{0,4}(?:[A-Za-z][A-Za-z0-9_.-]{0,63}=)?["'(]{0,2}(?:(?:https?|wss?|grpcs?|amqps?|postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|kafka|nats|clickhouse|sqlserver|ldaps?|smtps?|s?ftp|ssh|git|socks5h?|tcp|tls|s3):)?\/\//i;

const URL_MARK = '[redacted:url_credentials]';
const QUERY_MARK = '[redacted:query]';

/** `/path`, `host.name/path`, `scheme://…`: with parts that may be tokens. */
const LIKE_PATH =
  /^[^A-Za-z0-9]{0,4}\/|:\/\/|^[^A-Za-z0-9]{0,4}[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}(?::\d{1,5})?\//;

/** Between parts of a path, and what stands around a path in a sentence. */
const PATH_PART = /[^\s/"'()<>[\]{},;:|]+/g;

/**
 * A line without the users, passwords and queries of addresses, with or without a scheme, and with tokens in paths
 * hashed. Looks at each word once.
 */
export function withoutCredentials(line: string, hash: KeyedHash, found: Found): string {
  return line.replace(/\S+/g, (word) => safeWord(word, hash, found));
}

function safeWord(word: string, hash: KeyedHash, found: Found): string {
  const user = userIn(word);
  if (user === undefined) return safeAddress(word, word.includes('://'), hash, found);
  const [start, end] = user;
  const before = word.slice(0, start);
  // The patterns count it where there is a scheme.
  if (!before.endsWith('://')) noteFound(found, 'url_credentials');
  // It cannot be told whether the rest is a host or the end of a query.
  const mark = word.indexOf('?', start);
  const isQuery = mark !== -1 && mark < end && word.indexOf('=', mark) !== -1;
  if (isQuery) return `${before}${URL_MARK}`;
  return `${before}${URL_MARK}@${safeAddress(word.slice(end + 1), true, hash, found)}`;
}

/**
 * From where to where (the last `@`) a word holds a user and perhaps a password. Without a colon or a double slash
 * before it, it is an address of e-mail, a login or a version.
 */
function userIn(word: string): readonly [number, number] | undefined {
  const end = word.lastIndexOf('@');
  if (end <= 0) return undefined;
  const told = word.slice(0, end);
  if (!told.includes(':') && !told.includes('//')) return undefined;
  const before = BEFORE_USER.exec(told)?.[0].length ?? 0;
  return before === end || word.slice(before, end) === URL_MARK ? undefined : [before, end];
}

function safeAddress(word: string, isUrl: boolean, hash: KeyedHash, found: Found): string {
  const query = queryIn(word, isUrl);
  if (query !== -1) noteFound(found, 'query');
  const address = query === -1 ? word : word.slice(0, query);
  const tail = query === -1 ? '' : `?${QUERY_MARK}`;
  return `${withoutFormValues(withoutTokens(address, isUrl, hash, found), found)}${tail}`;
}

/** Where a query begins, or the fragment of a URL; -1 where there is none. */
function queryIn(word: string, isUrl: boolean): number {
  const mark = word.indexOf('?');
  const isQuery =
    mark !== -1 && (word.indexOf('=', mark) !== -1 || ((isUrl || LIKE_PATH.test(word)) && mark < word.length - 1));
  const fragment = isUrl ? word.indexOf('#') : -1;
  if (!isQuery) return fragment;
  return fragment === -1 ? mark : Math.min(mark, fragment);
}

function withoutTokens(word: string, isUrl: boolean, hash: KeyedHash, found: Found): string {
  if (!word.includes('/') || !(isUrl || LIKE_PATH.test(word))) return word;
  return word.replace(PATH_PART, (part) => {
    const end = part.endsWith('.') ? part.length - 1 : part.length;
    return safePart(part.slice(0, end), hash, found) + part.slice(end);
  });
}

/** `user=bob&pin=1234`. */
function withoutFormValues(word: string, found: Found): string {
  const first = word.indexOf('=');
  const next = first === -1 ? -1 : word.indexOf('&', first);
  if (next === -1 || word.indexOf('=', next) === -1) return word;
  noteFound(found, 'query');
  return word.replace(/=[^&]+/g, `=${QUERY_MARK}`);
}
