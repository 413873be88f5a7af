export const DAY_MILLIS = 86_400_000;
export const DAY_MICROS: number = DAY_MILLIS * 1000;

/** `2026-11-25` for a UTC day in days since 1970. */
export function dateOfDay(day: number): string {
  return new Date(day * DAY_MILLIS).toISOString().slice(0, 10);
}

/** How the file of a day is called in SQL. */
export function databaseOfDay(day: number): string {
  return `d${dateOfDay(day).replaceAll('-', '_')}`;
}

/** The day of a file name, if it is one. */
export function dayOfFile(name: string): number | undefined {
  const date = /^(\d{4}-\d{2}-\d{2})\.duckdb$/.exec(name)?.[1];
  const millis = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(millis) || dateOfDay(millis / DAY_MILLIS) !== date ? undefined : millis / DAY_MILLIS;
}
