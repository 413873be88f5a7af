import { showCount, showDuration } from './numbers.ts';
import type { Palette } from './palette.ts';
import type { Scene } from './screen.ts';

export interface SummaryFacts extends Pick<Scene, 'totals' | 'refused' | 'elapsedMs'> {
  readonly deliveries: number;
  /** Freshness over the whole live part. */
  readonly freshness?: { readonly median: number; readonly p95: number };
}

/** What happened, and where to look next. */
export function summary({ totals, refused, elapsedMs, deliveries, freshness }: SummaryFacts, palette: Palette): string {
  const { strong, dim, bad } = palette;
  const fresh =
    freshness === undefined
      ? ''
      : `  A request was at the backend ${strong(showDuration(freshness.median))} after its end (p95 ${showDuration(freshness.p95)}).`;
  const lines = [
    `${strong('The demo has ended')} ${dim(`after ${showDuration(elapsedMs)}; its directory is removed.`)}`,
    '',
    `  ${strong(showCount(deliveries))} deliveries in  →  ${strong(showCount(totals.requests))} requests out, as ${strong(showCount(totals.spans))} spans.`,
    `  ${showCount(totals.failed)} requests failed; ${showCount(totals.corrected)} were corrected by a later fact.`,
    ...(fresh === '' ? [] : [fresh]),
    ...(refused === 0 ? [] : [`  ${bad(`${showCount(refused)} deliveries were refused.`)}`]),
    '',
    `${strong('Next')}`,
    `  README.md      connect your own gateway and backend`,
    `  docs/spans.md  every span and attribute that you just saw`,
    `  pnpm start     the server itself; it says how to point a gateway at it`,
    `                 ${dim('(without pnpm: npx -y -p node@24 -p pnpm@12 pnpm start)')}`,
  ];
  return lines.join('\n');
}
