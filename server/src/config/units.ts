/** `1GiB`, `500MB`, `64KiB`, `1024` (bytes). Binary and decimal units mean what they say. */
const SIZE_UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const SIZE = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i;
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/i;
const DURATION_PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/gi;

/** Whole bytes of a human size; `undefined` when it is none. A bare number is bytes. */
export function parseSize(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const match = SIZE.exec(value.trim());
  if (match === null) return undefined;
  const unit = match[2] === '' ? 1 : SIZE_UNITS[(match[2] ?? '').toLowerCase()];
  if (unit === undefined) return undefined;
  const bytes = Math.round(Number(match[1]) * unit);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Milliseconds of `250ms`, `10s`, `1h30m`, `30d`; a bare number is refused since its unit would be a guess. */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (!DURATION.test(text)) return undefined;
  let millis = 0;
  for (const part of text.matchAll(DURATION_PART)) {
    millis += Number(part[1]) * (DURATION_UNITS[(part[2] ?? '').toLowerCase()] ?? Number.NaN);
  }
  return Number.isSafeInteger(Math.round(millis)) ? Math.round(millis) : undefined;
}

/** `1GiB`, `1.5MiB`, `12B`: the largest binary unit that keeps at most two decimals exact. */
export function formatSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Math.round(value * 100) / 100}${units[unit]}`;
}

/** `8s`, `1m30s`, `400d`, `250ms`. */
export function formatDuration(millis: number): string {
  if (millis < 1000) return `${Math.round(millis)}ms`;
  let rest = Math.round(millis / 1000);
  const parts: string[] = [];
  for (const [unit, seconds] of [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const) {
    const count = Math.floor(rest / seconds);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * seconds;
  }
  // Two units say enough: `400d`, `1d4h`.
  return parts.slice(0, 2).join('');
}
