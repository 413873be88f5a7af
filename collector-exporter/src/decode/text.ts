/**
 * Whether every character lies in a range of codes. A loop, since most texts are short and an expression costs more
 * to enter than they are long.
 */
export function isWithin(text: string, first: number, last: number): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < first || code > last) return false;
  }
  return true;
}

/**
 * Control characters, line and paragraph separators, and the invisible or direction-changing characters with which a
 * text can be made to look like another or a secret be hidden from a pattern.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNWANTED = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Text without control and invisible characters and with valid surrogates; line breaks and tabs become spaces. */
export function cleanText(text: string): string {
  if (isWithin(text, 0x20, 0x7e)) return text;
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

/**
 * A name from outside, safe inside a message or a log line: everything but letters, digits and `. _ : / @ -` becomes
 * `?`, at most 64 characters.
 */
export function quotedName(name: string): string {
  return cutText(name, 64).replace(/[^A-Za-z0-9._:/@-]/g, '?');
}
