import { isAbsolute, join, relative, sep } from 'node:path';
import type { Config } from './config.ts';

/** What a key has to look like, to complete the sentence "expected …". */
export const REDACTION_KEY = 'a key of 16 to 4096 characters, without control characters or blanks around it';

/** Shorter keys can be found by trying. */
const SHORTEST_KEY = 16;
const LONGEST_KEY = 4096;

/** The key in a text, or nothing when it cannot be one. */
export function keyIn(text: string): string | undefined {
  return text.length >= SHORTEST_KEY && text.length <= LONGEST_KEY && /^(?! )[^\p{Cc}\p{Cs}]+(?<! )$/u.test(text)
    ? text
    : undefined;
}

/** The key in a file: its one line. */
export const keyInFile = (text: string): string | undefined => keyIn(text.replace(/\r?\n$/, ''));

/** Bytes of a key that is made here: as many as SHA-256 gives back. */
export const MADE_KEY_BYTES = 32;

/** The text of the file for a new key. Hexadecimal, so that it can be handed to agents as it is. */
export const keyFileText = (random: Uint8Array): string => `${Buffer.from(random).toString('hex')}\n`;

/**
 * Where the key lies unless the configuration says otherwise: in the user's own state directory (XDG Base Directory
 * Specification), so that a copy of the data directory does not carry it along.
 */
export function defaultKeyFile(env: Readonly<Record<string, string | undefined>>, home: string): string {
  const state = env.XDG_STATE_HOME ?? '';
  // The specification: relative paths there are to be ignored.
  return join(isAbsolute(state) ? state : join(home, '.local', 'state'), 'aisix-observability', 'redaction.key');
}

/** True when something is to be hashed, so that there must be a key: the store hashes what says something of persons. */
export const needsRedactionKey = ({ destinations, store }: Config): boolean =>
  store.driver !== 'none' || destinations.some(({ redaction }) => redaction.hash.length > 0);

/** True for a path in a directory, by name alone. */
export function isInside(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
