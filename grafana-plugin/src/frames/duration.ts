/** Milliseconds as a person says them: `<1 ms`, `812 ms`, `3.2 s`, `2 min 5 s`. */
export function duration(millis: number): string {
  if (millis < 1) return '<1 ms';
  if (millis < 999.5) return `${Math.round(millis)} ms`;
  if (millis < 59_950) return `${(millis / 1000).toFixed(1)} s`;
  const seconds = Math.round(millis / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
