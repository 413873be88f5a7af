import { MESSAGE_CHARACTERS } from './limits.ts';

/** Everything that could end a line, move a cursor, turn text around or break an encoder. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu;

/** Foreign text made fit for one line of a log, a table or JSON: one line, cut, nothing invisible. */
export function printable(text: string, characters: number = MESSAGE_CHARACTERS): string {
  // Cut first, so that a body of megabytes is not walked; each character may take two units.
  const clean = text
    .slice(0, characters * 4)
    .replace(UNPRINTABLE, ' ')
    .trim();
  const points = Array.from(clean);
  return points.length <= characters ? clean : `${points.slice(0, characters - 1).join('')}…`;
}
