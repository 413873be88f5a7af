/**
 * Histograms of durations: bins whose bounds grow by a tenth, each read back at its geometric middle, so that a value is
 * off by 4.9 % at most. Fixed bounds, so that histograms of any two times and groups can be added.
 */
const GROWTH = 1.1;

/** Bin of what takes no time; below every other. */
const NOTHING = -32768;

export const binSql = (millis: string): string =>
  `CASE WHEN ${millis} > 0 THEN floor(ln(${millis}) / ln(${GROWTH}::DOUBLE))::SMALLINT ELSE (${NOTHING})::SMALLINT END`;

/** Milliseconds that stand for a bin. */
export const middleSql = (bin: string): string =>
  `CASE WHEN ${bin} = ${NOTHING} THEN 0::DOUBLE ELSE pow(${GROWTH}::DOUBLE, ${bin} + 0.5) END`;

/** What is measured by a histogram, by the column of the row and its number in rollups. */
export const TIMED = {
  duration: { column: 'duration_ms', number: 0 },
  ttft: { column: 'ttft_ms', number: 1 },
} as const;
