import type { Day } from '../days/dayFiles.ts';
import { DAY_MICROS } from '../days/dayName.ts';
import { SLOT_MICROS } from '../sql/slots.ts';

/** How a range of one day is answered: whole slots from rollups, the rest from rows (µs). */
export interface Coverage {
  readonly day: Day;
  /** First and last slot, inclusive. */
  readonly rolled: readonly (readonly [first: number, last: number])[];
  readonly rows: readonly (readonly [from: number, to: number])[];
}

/** Cuts `[from, to)` µs of a day; slots without requests belong to whatever is beside them. */
export function coverageOf(day: Day, from: number, to: number): Coverage {
  const start = Math.max(from, day.day * DAY_MICROS);
  const end = Math.min(to, (day.day + 1) * DAY_MICROS);
  const rolled: [number, number][] = [];
  const rows: [number, number][] = [];
  let last: 'rolled' | 'rows' | undefined;
  for (const [slot, { rolled: isRolled, requests }] of [...day.slots].toSorted(([a], [b]) => a - b)) {
    const [opens, closes] = [slot * SLOT_MICROS, (slot + 1) * SLOT_MICROS];
    if (requests === 0 || closes <= start || opens >= end) continue;
    if (isRolled && opens >= start && closes <= end) {
      const range = rolled.at(-1);
      if (last === 'rolled' && range !== undefined) range[1] = slot;
      else rolled.push([slot, slot]);
      last = 'rolled';
    } else {
      const range = rows.at(-1);
      if (last === 'rows' && range !== undefined) range[1] = Math.min(closes, end);
      else rows.push([Math.max(opens, start), Math.min(closes, end)]);
      last = 'rows';
    }
  }
  return { day, rolled, rows };
}

/** The same, as if nothing were rolled up. */
export function rowsOnly(day: Day, from: number, to: number): Coverage {
  const start = Math.max(from, day.day * DAY_MICROS);
  const end = Math.min(to, (day.day + 1) * DAY_MICROS);
  return { day, rolled: [], rows: start < end ? [[start, end]] : [] };
}
