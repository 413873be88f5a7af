import { TICKS_PER_MILLI } from '../sql/columns.ts';

/**
 * A value as the columns can hold it: itself when it fits exactly, a changed copy when not, `undefined` to leave it out.
 */
export type Shape = (value: unknown) => unknown;

const MAX_INT32 = 2 ** 31 - 1;
/** Microseconds are exact in a double until then: the year 2255. */
const MAX_TIME_MILLIS = Math.floor(Number.MAX_SAFE_INTEGER / 1000);
/** No text of a column may hold them: NUL ends texts in the engine's C interface, lone halves are no UTF-8. */
const NUL = /\0/g;

export const text: Shape = (value) =>
  typeof value === 'string' ? value.toWellFormed().replace(NUL, '\ufffd') : undefined;
export const flag: Shape = (value) => (typeof value === 'boolean' ? value : undefined);
export const amount: Shape = (value) =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
/** Token counts are summed and subtracted in 64 bits, so that they stay well below. */
export const count: Shape = (value) => (Number.isSafeInteger(value) && (value as number) >= 0 ? value : undefined);
export const int32: Shape = (value) =>
  Number.isSafeInteger(value) && Math.abs(value as number) <= MAX_INT32 ? value : undefined;
export const time: Shape = (value) => {
  if (typeof value !== 'number' || Number.isNaN(value)) return 0;
  const bounded = Math.min(Math.max(value, 0), MAX_TIME_MILLIS);
  return Math.round(bounded * TICKS_PER_MILLI) / TICKS_PER_MILLI;
};

/** Kept as JSON text, with its texts made fit. */
export const json: Shape = (value) => {
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) {
    const fitted = value.map((one) => json(one) ?? null);
    return fitted.every((one, at) => one === value[at]) ? value : fitted;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const fitted = entries.map(([key, one]) => [text(key) as string, json(one)] as const);
  const same = fitted.every(([key, one], at) => key === entries[at]?.[0] && one === entries[at]?.[1]);
  return same ? value : Object.fromEntries(fitted);
};

/** An object of known members; an empty one cannot be told from an absent one. */
export function object(members: Readonly<Record<string, Shape>>): Shape {
  const shapes = new Map(Object.entries(members));
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    let exact = true;
    let members = 0;
    for (const key in value) {
      const one = (value as Record<string, unknown>)[key];
      const fit = shapes.get(key)?.(one);
      if (fit === undefined || fit !== one) exact = false;
      if (fit !== undefined) members += 1;
    }
    if (members === 0) return undefined;
    if (exact) return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, one]) => {
        const fit = shapes.get(key)?.(one);
        return fit === undefined ? [] : [[key, fit]];
      }),
    );
  };
}

export const list =
  (shape: Shape): Shape =>
  (value) => {
    if (!Array.isArray(value)) return [];
    const fitted = value.map(shape);
    return fitted.every((one, at) => one !== undefined && one === value[at])
      ? value
      : fitted.filter((one) => one !== undefined);
  };
