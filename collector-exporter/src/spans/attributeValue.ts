import type { Attributes } from '@opentelemetry/api';

/** Longest text of an attribute in bytes of UTF-8: Tempo cuts there by default, and then counts it as an error. */
export const MAX_TEXT_BYTES = 2048;

/** Most elements of a list; guardrail lists are the only ones that a configuration can make long. */
export const MAX_LIST_ITEMS = 32;

/** No UTF-16 unit needs more than three bytes of UTF-8. */
const CERTAINLY_SHORT = Math.floor(MAX_TEXT_BYTES / 3);

/**
 * The text as it may stand on a span: well-formed, because the two encodings of OTLP write a lone surrogate
 * differently, and at most {@link MAX_TEXT_BYTES} long, cut between characters.
 */
export function capText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  if (wellFormed.length <= CERTAINLY_SHORT) return wellFormed;
  const bytes = Buffer.from(wellFormed);
  if (bytes.length <= MAX_TEXT_BYTES) return wellFormed;
  let end = MAX_TEXT_BYTES;
  // 10xxxxxx continues a character.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

/** Writes a text that is known. */
export function putText(into: Attributes, name: string, value: string | undefined): void {
  if (value !== undefined && value !== '') into[name] = capText(value);
}

/**
 * Writes a number that both encodings can hold: finite, and as an integer no larger than a double counts exactly
 * (beyond it JSON would write an exponent, which no decoder takes for an integer).
 */
export function putNumber(into: Attributes, name: string, value: number | undefined): void {
  if (value !== undefined && Math.abs(value) <= Number.MAX_SAFE_INTEGER) into[name] = value;
}

/** Writes a flag that is known. */
export function putFlag(into: Attributes, name: string, value: boolean | undefined): void {
  if (value !== undefined) into[name] = value;
}

/** Writes a list that has an element. */
export function putTexts(into: Attributes, name: string, values: readonly string[] | undefined): void {
  if (values === undefined || values.length === 0) return;
  into[name] = values.length > MAX_LIST_ITEMS ? values.slice(0, MAX_LIST_ITEMS).map(capText) : values.map(capText);
}
