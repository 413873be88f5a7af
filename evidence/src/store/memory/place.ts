import { createHash } from 'node:crypto';
import type { GatewayRequest } from '../../model/request.ts';
import type { SearchPlace } from '../query.ts';

/** What names a request, as one text. */
export function identityOf({ environment, requestId, traceId, n }: GatewayRequest): string {
  return JSON.stringify([environment, requestId, traceId ?? null, n]);
}

/** A key that stays with the identity: 64 bits of its SHA-256. */
export function keyOf(identity: string): string {
  return createHash('sha256').update(identity).digest().readBigUInt64BE().toString();
}

export function micros(millis: number): number {
  return Math.round(millis * 1000);
}

/** Order of `oldest`: by time, then by key as a number. */
export function comparePlaces(a: SearchPlace, b: SearchPlace): number {
  if (a.timeMicros !== b.timeMicros) return a.timeMicros - b.timeMicros;
  const difference = BigInt(a.key) - BigInt(b.key);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

const DAY_MICROS = 86_400_000_000;

/** Number of the UTC day of a start. */
export function dayOf(timeMicros: number): number {
  return Math.floor(timeMicros / DAY_MICROS);
}

/** End of the UTC day of that number, epoch milliseconds. */
export function endOfDay(day: number): number {
  return ((day + 1) * DAY_MICROS) / 1000;
}
