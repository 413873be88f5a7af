/**
 * Characters that steer a terminal or turn the direction of what follows, line breaks included: C0, C1, and the
 * controls of bidirectional text. Letters of languages written from the right are none of them.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const STEERING = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;

/** Names and messages are what callers and providers chose: one line of text that changes nothing around it. */
export const plainText = (text: string): string => text.replace(STEERING, ' ').trim();

/** Plain text of at most `max` characters; a character is never cut in half. */
export function shortText(text: string, max: number): string {
  const plain = plainText(text);
  if (plain.length <= max) return plain;
  const characters = [...plain];
  return characters.length <= max ? plain : `${characters.slice(0, max - 1).join('')}…`;
}
