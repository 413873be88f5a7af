import type { SearchOrder } from '../../query.ts';
import type { Day } from '../days/dayFiles.ts';
import { DAY_MICROS } from '../days/dayName.ts';
import { SLOT_MICROS } from '../sql/slots.ts';

/** A part of a day, µs. */
export interface Part {
  readonly day: Day;
  readonly from: number;
  readonly to: number;
}

/** What is looked through at once. */
export interface Slice {
  readonly parts: readonly Part[];
  /** Once it is done, everything from here on in the order is known (µs; the lower end for `newest`, else the upper). */
  readonly edge: number;
}

/** Each slice holds so many times the rows of the one before: a search without a find costs a few statements more. */
const WIDENING = 8;

/**
 * Cuts `[from, to)` µs into slices in the order of a search, the first with about `rows` rows and each later one wider,
 * so that a search that finds enough early never looks at the rest.
 */
export function* slices(
  days: readonly Day[],
  {
    from,
    to,
    order,
    rows,
  }: { readonly from: number; readonly to: number; readonly order: SearchOrder; readonly rows: number },
): Generator<Slice> {
  const newest = order === 'newest';
  let wanted = rows;
  let held = 0;
  let parts: Part[] = [];
  for (const day of newest ? days.toReversed() : days) {
    const start = Math.max(from, day.day * DAY_MICROS);
    const end = Math.min(to, (day.day + 1) * DAY_MICROS);
    const slots = [...day.slots]
      .filter(([slot]) => (slot + 1) * SLOT_MICROS > start && slot * SLOT_MICROS < end)
      .toSorted(([a], [b]) => (newest ? b - a : a - b));
    let open = newest ? end : start;
    for (const [slot, { requests }] of slots) {
      held += requests;
      if (held < wanted) continue;
      const edge = newest ? Math.max(start, slot * SLOT_MICROS) : Math.min(end, (slot + 1) * SLOT_MICROS);
      parts.push(newest ? { day, from: edge, to: open } : { day, from: open, to: edge });
      yield { parts, edge };
      [parts, held, open, wanted] = [[], 0, edge, wanted * WIDENING];
    }
    if (newest ? open > start : open < end) {
      parts.push(newest ? { day, from: start, to: open } : { day, from: open, to: end });
    }
  }
  yield { parts, edge: newest ? from : to };
}
