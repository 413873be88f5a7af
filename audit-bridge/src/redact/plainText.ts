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

/** Notes one more of a kind. */
export function noteFound(found: Found, kind: string): void {
  found.set(kind, (found.get(kind) ?? 0) + 1);
}
