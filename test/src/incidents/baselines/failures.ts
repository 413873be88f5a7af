import type { RequestWindow } from '@aisix-observability/evidence';

/** First row that starts at or after a time. */
export function rowAt({ startTime, length }: RequestWindow, time: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((startTime[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** By result: whether the request failed, whatever the class (the pooled `failed` of B4). */
export function failedResults({ results }: RequestWindow): readonly boolean[] {
  return results.map(({ outcome }) => outcome !== 'success' && outcome !== 'client_closed');
}

/**
 * Start of the newest time of trouble before `now`: the first of the minutes in which failures stay above what the
 * twenty minutes before had, by three standard deviations and two points.
 */
export function foundStart(window: RequestWindow, now: number): number | undefined {
  const MINUTE = 60_000;
  const failed = failedResults(window);
  const minutes = Math.floor((now - window.from) / MINUTE);
  const bad = new Float64Array(minutes + 1);
  const all = new Float64Array(minutes + 1);
  for (let row = 0; row < window.length; row++) {
    const minute = Math.floor(((window.startTime[row] ?? 0) - window.from) / MINUTE);
    if (minute < 0 || minute > minutes) continue;
    all[minute] = (all[minute] ?? 0) + 1;
    if (failed[window.result[row] ?? -1] === true) bad[minute] = (bad[minute] ?? 0) + 1;
  }
  for (let minute = 20; minute <= minutes; minute++) {
    let badBefore = 0;
    let allBefore = 0;
    for (let earlier = minute - 20; earlier < minute; earlier++) {
      badBefore += bad[earlier] ?? 0;
      allBefore += all[earlier] ?? 0;
    }
    const share = (badBefore + 0.5) / (allBefore + 1);
    const expected = share * (all[minute] ?? 0);
    const excess = (bad[minute] ?? 0) - expected;
    if (excess > 3 * Math.sqrt(expected + 1) && excess > 0.02 * (all[minute] ?? 0))
      return window.from + minute * MINUTE;
  }
  return undefined;
}
