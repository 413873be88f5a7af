import type { TimeRange } from '@grafana/data';
import { absoluteRange, rangeOf } from './runQueries.ts';

/** What the demo has: its story is eleven minutes long. */
const LAST = { from: 'now-15m', to: 'now' } as const;

/** `from` and `to` of an address, as Grafana writes them: epoch milliseconds, or `now-1h` and the like. */
export function rangeInAddress(parameters: string): TimeRange {
  const found = new URLSearchParams(parameters);
  const [from, to] = [found.get('from') ?? LAST.from, found.get('to') ?? LAST.to];
  return /^\d+$/.test(from) && /^\d+$/.test(to) ? absoluteRange(Number(from), Number(to)) : rangeOf({ from, to });
}
