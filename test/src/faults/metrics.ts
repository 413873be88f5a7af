/** Sum of the samples of one metric in Prometheus text that have these labels; 0 when there is none. */
export function sample(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  let sum = 0;
  for (const line of text.split('\n')) {
    const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (match?.[1] !== name) continue;
    const has = Object.entries(labels).every(([label, value]) => `,${match[2]}`.includes(`,${label}="${value}"`));
    if (has) sum += Number(match[3]);
  }
  return sum;
}
