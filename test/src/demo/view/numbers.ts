/** `0.4 ms`, `87 ms`, `1.24 s`, `61 s`, `12 min`. */
export function showDuration(ms: number): string {
  if (ms < 9.95) return `${Math.max(0, ms).toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_995) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 99_950) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 600_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}

/** `12,827`. */
export function showCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** `5.2`, `83`, `1,204`. */
export function showRate(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(1) : showCount(perSecond);
}

/** `14:02:11` in local time. */
export function showClock(time: number): string {
  const date = new Date(time);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** `0:42`, `12:05`. */
export function showElapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** At most four columns: `872`, `1.2k`, `27k`, `4.1M`. */
export function showShortCount(count: number): string {
  const scaled = (value: number, unit: string) => `${value < 9.95 ? value.toFixed(1) : Math.round(value)}${unit}`;
  if (count < 1_000) return String(Math.round(count));
  return count < 999_500 ? scaled(count / 1_000, 'k') : scaled(count / 1_000_000, 'M');
}
