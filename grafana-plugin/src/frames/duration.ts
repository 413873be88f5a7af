/** Milliseconds as a person says them: `<1 ms`, `812 ms`, `3.2 s`, `2 min 5 s`. */
export function duration(millis: number): string {
  if (millis < 1) return '<1 ms';
  if (millis < 999.5) return `${Math.round(millis)} ms`;
  if (millis < 59_950) return `${(millis / 1000).toFixed(1)} s`;
  const seconds = Math.round(millis / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Ages and lengths, which nobody needs to the tenth of a second: `12 s`, `2 min 5 s`, `3 h 20 min`, `2 d 4 h`. */
export function span(millis: number): string {
  const seconds = Math.round(millis / 1000);
  const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3600), Math.floor(seconds / 86_400)];
  if (minutes < 1) return `${seconds} s`;
  if (hours < 1) return both(minutes, 'min', seconds % 60, 's');
  if (days < 1) return both(hours, 'h', minutes % 60, 'min');
  return both(days, 'd', hours % 24, 'h');
}

const both = (large: number, unit: string, rest: number, small: string) =>
  rest === 0 ? `${large} ${unit}` : `${large} ${unit} ${rest} ${small}`;
