import { z } from 'zod';
import { formatDuration, formatSize, parseDuration, parseSize } from './units.ts';

/**
 * One value of the file. `expected` completes the sentence "expected …" and is all that an issue carries; what was
 * found is added later, where it is known whether the value may be shown.
 */
export function leaf<T>(expected: string, read: (value: unknown) => T | undefined) {
  return z.unknown().transform((value, context): T => {
    const result = read(value);
    if (result !== undefined) return result;
    context.issues.push({ code: 'custom', message: expected, input: value });
    return z.NEVER;
  });
}

/** A section with exactly these keys. */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, 'a section with keys');
}

export function list<Item extends z.ZodType>(item: Item) {
  return z.array(item, 'a list');
}

const LONGEST_TEXT = 4096;

export const text = (expected: string, pattern?: RegExp, longest = LONGEST_TEXT) =>
  leaf(expected, (value) =>
    typeof value === 'string' && value !== '' && value.length <= longest && (pattern?.test(value) ?? true)
      ? value
      : undefined,
  );

/** Names appear in metrics, cursors and the command line, so they are short and plain. */
export const plainName = text(
  'a name of letters, digits, `.`, `_` and `-`, at most 64 long',
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
);

/** An id or a name of an environment, as a gateway writes it. */
export const environmentReference = text('the id or the name of an environment', /^[^\p{Cc}/]{1,128}$/u, 128);

/** Header values may not hold line breaks, and a secret with blanks around it is a copy mistake. */
export const secret = text('a secret without control characters or blanks around it', /^(?! )[^\p{Cc}]+(?<! )$/u);

export const flag = leaf('true or false', (value) =>
  value === true || value === 'true' ? true : value === false || value === 'false' ? false : undefined,
);

/** Numbers that come from the environment are texts. */
const numberOf = (value: unknown): number | undefined => {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
};

export const count = (what: string, min: number, max: number) =>
  leaf(`${what} from ${min} to ${max}`, (value) => {
    const number = numberOf(value);
    return number !== undefined && Number.isInteger(number) && number >= min && number <= max ? number : undefined;
  });

export const share = leaf('a share from 0 to 1', (value) => {
  const number = numberOf(value);
  return number !== undefined && number >= 0 && number <= 1 ? number : undefined;
});

export const size = (min: number, max: number) =>
  leaf(`a size like 64MiB or 4GiB, from ${formatSize(min)} to ${formatSize(max)}`, (value) => {
    const bytes = parseSize(value);
    return bytes !== undefined && bytes >= min && bytes <= max ? bytes : undefined;
  });

export const duration = (min: number, max: number) =>
  leaf(
    `a duration with its unit like 500ms, 10s or 30d, from ${formatDuration(min)} to ${formatDuration(max)}`,
    (value) => {
      const millis = parseDuration(value);
      return millis !== undefined && millis >= min && millis <= max ? millis : undefined;
    },
  );

export const oneOf = <const Word extends string>(words: readonly Word[]) =>
  leaf(`one of ${words.join(', ')}`, (value) => words.find((word) => word === value));

/** http(s) without credentials: those would end up in logs and in error messages of every client. */
export const httpUrl = leaf(
  'an http:// or https:// URL without user, password or fragment (credentials go to `headers`)',
  (value) => {
    if (typeof value !== 'string' || !URL.canParse(value)) return undefined;
    const url = new URL(value);
    const plain = url.username === '' && url.password === '' && url.hash === '';
    return plain && (url.protocol === 'http:' || url.protocol === 'https:') ? value : undefined;
  },
);

/** RFC 9110 field names and values. */
export const headers = z.record(
  z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'a header name'),
  text('a header value without line breaks', /^[^\p{Cc}]*$/u),
  'a section of header names and values',
);
