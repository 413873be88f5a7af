/** The partitions in which the `object_store` exporter puts objects: `dt=YYYY-MM-DD/hh=HH` in UTC. */
export const HOUR_MILLIS = 3_600_000;

/** Where the exporter puts a flush whose first record has no readable time. */
export const UNKNOWN_PARTITION = 'dt=unknown/hh=00';

/**
 * The partition follows the first record of a flush, and an upload may be retried: an object may land in an hour that
 * is over.
 */
export const SLACK_MILLIS = HOUR_MILLIS;

/** Clocks of gateway, bucket and this server are taken to agree within this. */
export const CLOCK_SKEW_MILLIS = 5 * 60_000;

/** Start of the hour that holds a time; both epoch milliseconds. */
export function hourOf(time: number): number {
  return Math.floor(time / HOUR_MILLIS) * HOUR_MILLIS;
}

/** Name of the partition of an hour. */
export function partitionOfHour(hour: number): string {
  const iso = new Date(hour).toISOString();
  return `dt=${iso.slice(0, 10)}/hh=${iso.slice(11, 13)}`;
}

/** Start of a partition's hour; undefined for {@link UNKNOWN_PARTITION}. */
export function hourOfPartition(partition: string): number | undefined {
  const found = /^dt=(\d{4}-\d{2}-\d{2})\/hh=(\d{2})$/.exec(partition);
  if (found === null) return undefined;
  const time = Date.parse(`${found[1]}T${found[2]}:00:00Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** True once no object is expected in an hour any more; what still comes is late. */
export function isOver(hour: number, now: number): boolean {
  return hour + HOUR_MILLIS + SLACK_MILLIS + CLOCK_SKEW_MILLIS <= now;
}

/** True while objects are written to an hour as a rule, not as an exception. */
export function isLive(hour: number, now: number): boolean {
  return hour + HOUR_MILLIS + CLOCK_SKEW_MILLIS > now;
}

/** Start of the oldest hour that may still receive objects at a time. */
export function firstOpenHour(now: number): number {
  return hourOf(now - SLACK_MILLIS - CLOCK_SKEW_MILLIS);
}

/**
 * Hours from one to the newest that may hold objects, given that the gateway's clock may be ahead. Of a long stretch
 * only the oldest ones are given, and the newest two, so that fresh objects need not wait for old ones.
 */
export function hoursFrom(
  first: number,
  now: number,
  limit: number,
): { readonly hours: number[]; readonly more: boolean } {
  const last = hourOf(now + CLOCK_SKEW_MILLIS);
  const hours: number[] = [];
  for (let hour = first; hour <= last && hours.length < limit; hour += HOUR_MILLIS) hours.push(hour);
  const reached = hours.at(-1) ?? last;
  for (const hour of [last - HOUR_MILLIS, last]) if (hour > reached) hours.push(hour);
  return { hours, more: reached < last - HOUR_MILLIS };
}
