import { PRODUCT_PARAMETERS } from '@aisix-observability/evidence';
import { JUDGE } from '../parameters.ts';
import { FIGURES, shown } from './figures.ts';
import {
  cellTable,
  comparisonTable,
  gates,
  gateTable,
  kindTable,
  lookTable,
  missTable,
  pooled,
  type Results,
  rankTable,
  relativeTable,
  withoutEffectTable,
} from './tables.ts';

export interface ReportOptions {
  readonly windows: number;
  /** Windows of each cell on which all algorithms were judged. */
  readonly compared: number;
  readonly seeds: string;
}

/** Looks in the order of their time, the one that another change closes last. */
function looksOf(results: Results, algorithm: string): string[] {
  const found = Object.keys(pooled(results, algorithm)).flatMap(
    (name) => /^look\.(.+)\.(?:true|false)$/.exec(name)?.[1] ?? [],
  );
  const order = PRODUCT_PARAMETERS.looks.map(({ name }) => name);
  const placeOf = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return [...new Set(found)].sort((a, b) => placeOf(a) - placeOf(b));
}

/** Seeds whose world had nothing to break, which others stand in for. */
function redrawnOf(results: Results, algorithm: string): string {
  const redrawn = [...results.values()].reduce((sum, cell) => sum + (cell[algorithm]?.redrawn ?? 0), 0);
  return redrawn === 0
    ? ''
    : ` ${redrawn} of them were drawn anew, since their world had nothing that the situation breaks.`;
}

/** The report as Markdown; the first algorithm is the one that the gates are about. `compared`: what all of them judged. */
export function reportOf(
  results: Results,
  compared: Results,
  algorithms: readonly string[],
  { windows, compared: comparedWindows, seeds }: ReportOptions,
): string {
  const [product = ''] = algorithms;
  const parts = [
    `${windows} windows a cell, ${seeds} seeds.${redrawnOf(results, product)}`,
    '### Gates',
    'Pooled over all cells of three requests a second and more.',
    gateTable(gates(results, product)),
    `Of the faults above two points that harmed at least ${JUDGE.seenRequests} requests in twenty minutes, ${shown(pooled(results, product), FIGURES.seen)} were called suspect.`,
    '### By the time after the onset',
    rankTable(results, product),
    '### When suspicions come up, and how many of them are right',
    lookTable(results, product, looksOf(results, product)),
    '### How far the share of the evidence can be trusted',
    'The first candidate of the incident that is read first, ten minutes after the onset; true causes are faults and the outages and bursts that no change brought.',
    relativeTable(results, product),
    '### Faults by kind',
    kindTable(results, product),
    '### Why faults were missed',
    missTable(results, product),
    '### Documents without effect',
    withoutEffectTable(results, product),
  ];
  if (algorithms.length > 1) {
    parts.push(
      '### Beside others',
      `All on the same windows: the first ${comparedWindows} of each cell with 3 and 10 requests a second.`,
      comparisonTable(compared, algorithms),
    );
  }
  parts.push('### All cells', cellTable(results, product));
  return parts.join('\n\n');
}
