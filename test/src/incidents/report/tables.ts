import { type Counts, shareOf, sumOf } from '../judge/counts.ts';
import type { JobResult } from '../judge/job.ts';
import { RELATIVE_BINS } from '../judge/relativeBins.ts';
import { CELLS, type Cell, GATED_FROM_RATE, JUDGE, SITUATIONS, type Situation } from '../parameters.ts';
import { FIGURES, type Gate, gatesOf, shown } from './figures.ts';

/** Counts by cell and algorithm. */
export type Results = ReadonlyMap<string, Readonly<Record<string, Counts>>>;

export const cellName = ({ rate, situation }: Cell) => `${situation} ${rate}`;

/** Sums what jobs of the same cell found. */
export function collect(all: readonly JobResult[]): Results {
  const cells = new Map<string, Record<string, Counts[]>>();
  for (const { cell, counts } of all) {
    const known = cells.get(cellName(cell)) ?? {};
    cells.set(cellName(cell), known);
    for (const [algorithm, each] of Object.entries(counts)) known[algorithm] = [...(known[algorithm] ?? []), each];
  }
  return new Map(
    [...cells].map(([name, known]) => [
      name,
      Object.fromEntries(Object.entries(known).map(([algorithm, each]) => [algorithm, sumOf(each)])),
    ]),
  );
}

/** Sum of an algorithm's counts over the gated cells of some situations. */
export function pooled(results: Results, algorithm: string, situations: readonly Situation[] = SITUATIONS): Counts {
  return sumOf(
    CELLS.filter(({ rate, situation }) => rate >= GATED_FROM_RATE && situations.includes(situation)).map(
      (cell) => results.get(cellName(cell))?.[algorithm] ?? {},
    ),
  );
}

export const UNDISTURBED: readonly Situation[] = ['quiet', 'disturbed'];
export const OUTAGES: readonly Situation[] = ['outage', 'partial_outage', 'slow_provider'];

export function gates(results: Results, algorithm: string): Gate[] {
  return gatesOf(
    pooled(results, algorithm),
    pooled(results, algorithm, UNDISTURBED),
    pooled(results, algorithm, OUTAGES),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export function gateTable(all: readonly Gate[]): string {
  return table(
    ['gate', 'bound', 'measured', '95 % interval', 'holds'],
    all.map(({ name, bound, value, interval, holds }) => [name, bound, value, interval, holds ? 'yes' : '**no**']),
  );
}

/** Every cell, one row. */
export function cellTable(results: Results, algorithm: string): string {
  const rows = CELLS.flatMap((cell) => {
    const counts = results.get(cellName(cell))?.[algorithm];
    if (counts === undefined) return [];
    const { first, firstThree, recall, falseSuspects, wrongCleared, fixes } = FIGURES;
    return [
      [
        cell.situation,
        String(cell.rate),
        String(counts.windows),
        shown(counts, first),
        shown(counts, firstThree),
        shown(counts, recall),
        shown(counts, falseSuspects, 2),
        shown(counts, wrongCleared),
        shown(counts, fixes),
        troubleOf(counts),
      ],
    ];
  });
  return table(
    [
      'situation',
      'requests/s',
      'windows',
      'P@1',
      'P@3',
      'recall',
      'false suspects',
      'wrong cleared',
      'fixes',
      'trouble without a change first',
    ],
    rows,
  );
}

function troubleOf(counts: Counts): string {
  const kinds = ['outage', 'slow', 'caller'].filter(
    (kind) => counts[`trouble.${kind}.${JUDGE.gatedRank}`] !== undefined,
  );
  if (kinds.length === 0) return '–';
  return kinds
    .map((kind) => {
      const whole = `trouble.${kind}.${JUDGE.gatedRank}`;
      return shown(counts, { name: kind, part: `${whole}.first`, whole });
    })
    .join(', ');
}

/** Algorithms beside each other, on the windows that all of them judged. */
export function comparisonTable(results: Results, algorithms: readonly string[]): string {
  const rows = algorithms.map((algorithm) => {
    const all = pooled(results, algorithm);
    const { first, firstThree, recall, falseSuspects, wrongCleared, fixes } = FIGURES;
    return [
      algorithm,
      shown(all, first),
      shown(all, firstThree),
      shown(all, recall),
      shown(pooled(results, algorithm, UNDISTURBED), falseSuspects, 2),
      shown(pooled(results, algorithm, OUTAGES), falseSuspects, 2),
      shown(all, wrongCleared),
      shown(all, fixes),
    ];
  });
  return table(
    ['', 'P@1', 'P@3', 'recall', 'false, quiet or disturbed', 'false, outage', 'wrong cleared', 'fixes'],
    rows,
  );
}

/** How good suspicions are by the look at which they came up, and how many of the faults were found by then. */
export function lookTable(results: Results, algorithm: string, looks: readonly string[]): string {
  const all = pooled(results, algorithm);
  let found = 0;
  const rows = looks.map((look) => {
    const right = all[`look.${look}.true`] ?? 0;
    const wrong = all[`look.${look}.false`] ?? 0;
    found += right;
    const share = right + wrong === 0 ? '–' : `${((100 * right) / (right + wrong)).toFixed(1)} %`;
    const recall = (all.fault ?? 0) === 0 ? '–' : `${((100 * found) / (all.fault ?? 1)).toFixed(1)} %`;
    return [look, String(right), String(wrong), share, recall];
  });
  return table(['look', 'true suspects first raised', 'false ones', 'share true', 'faults found by then'], rows);
}

/** Rank by time after the onset, with a start given, and without one. */
export function rankTable(results: Results, algorithm: string): string {
  const all = pooled(results, algorithm);
  const rows = JUDGE.rankAfterMs.map((after, index) => [
    `+${after / 60_000} min, start given to a minute`,
    shown(all, { name: '', part: `rank.${index}.first`, whole: `rank.${index}` }),
    shown(all, { name: '', part: `rank.${index}.three`, whole: `rank.${index}` }),
  ]);
  const gated = `rank.${JUDGE.gatedRank}`;
  rows.push([
    `+${(JUDGE.rankAfterMs[JUDGE.gatedRank] ?? 0) / 60_000} min, start given to a minute, as many incidents read as there were causes`,
    shown(all, { name: '', part: 'rank.strict.first', whole: gated }),
    shown(all, { name: '', part: 'rank.strict.three', whole: gated }),
  ]);
  const whole = 'rank.auto';
  rows.push([
    `+${(JUDGE.rankAfterMs[JUDGE.gatedRank] ?? 0) / 60_000} min, start found by itself`,
    shown(all, { name: '', part: 'rank.auto.first', whole }),
    shown(all, { name: '', part: 'rank.auto.three', whole }),
  ]);
  return table(['asked', 'P@1', 'P@3'], rows);
}

/** Whether a large share of the evidence means more often right: the first candidate of the incident that is read first. */
export function relativeTable(results: Results, algorithm: string): string {
  const all = pooled(results, algorithm);
  return table(
    ['share of the evidence', 'first candidates', 'were the true cause'],
    RELATIVE_BINS.map((bin) => [
      bin,
      String(all[`relative.${bin}`] ?? 0),
      shown(all, { name: '', part: `relative.${bin}.true`, whole: `relative.${bin}` }),
    ]),
  );
}

/** What became of faults by their kind. */
export function kindTable(results: Results, algorithm: string): string {
  const all = pooled(results, algorithm);
  const kinds = Object.keys(all)
    .filter((name) => name.startsWith('fault.found.'))
    .map((name) => name.slice('fault.found.'.length))
    .sort();
  return table(
    ['fault', 'above two points', 'found'],
    kinds.map((kind) => [
      kind,
      String(all[`fault.${kind}`] ?? 0),
      `${(100 * (shareOf(all, `fault.found.${kind}`, `fault.${kind}`) ?? 0)).toFixed(0)} %`,
    ]),
  );
}

/** Verdicts on documents that never came into force, and on values that were in force already. */
export function withoutEffectTable(results: Results, algorithm: string): string {
  const all = pooled(results, algorithm);
  return table(
    ['change', 'count', 'read "no effect"', 'suspected'],
    (['rejected', 'same'] as const).map((role) => [
      role === 'rejected' ? 'refused by the data plane' : 'puts back what was in force',
      String(all[`role.${role}`] ?? 0),
      shown(all, { name: '', part: `role.${role}.no_effect`, whole: `role.${role}` }),
      shown(all, { name: '', part: `role.${role}.suspected`, whole: `role.${role}` }),
    ]),
  );
}

/** Why faults above two points were missed: verdicts and reasons, most frequent first. */
export function missTable(results: Results, algorithm: string): string {
  const all = pooled(results, algorithm);
  const prefix = 'fault.missed.';
  const rows = Object.entries(all)
    .filter(([name]) => name.startsWith(prefix))
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, 12)
    .map(([name, count]) => [name.slice(prefix.length).replace('.', ': '), String(count)]);
  return table(['verdict on a missed fault', 'count'], rows);
}
