import type { QueryResultMetaNotice } from '@grafana/data';
import { SERVER_LIMITS } from '../query/limits';
import type { Asked } from './asked';

const DAY = 24 * 60 * 60 * 1000;

/** The range as the server takes it: never empty, and of a longer one the newest part, which a notice says. */
export function rangeOf({ from, to }: Pick<Asked, 'from' | 'to'>): {
  readonly from: number;
  readonly to: number;
  readonly notices: QueryResultMetaNotice[];
} {
  const max = SERVER_LIMITS.rangeMillis;
  if (to - from <= max) return { from, to: Math.max(to, from + 1), notices: [] };
  const text = `The server answers at most ${max / DAY} days at a time; shown are the last ${max / DAY} days of the range.`;
  return { from: to - max, to, notices: [{ severity: 'warning', text }] };
}

/** Width of a bucket: as asked, as long as the server takes so many buckets. */
export const intervalOf = (asked: Asked, { from, to }: { readonly from: number; readonly to: number }): number =>
  Math.max(1, Math.round(asked.intervalMs), Math.ceil((to - from) / (SERVER_LIMITS.buckets - 1)));
