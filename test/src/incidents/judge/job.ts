import type { Cell } from '../parameters.ts';
import { simulateWindow } from '../simulateWindow.ts';
import { ALGORITHMS } from './algorithms.ts';
import { type Counts, sumOf } from './counts.ts';
import { judgeWindow } from './judgeWindow.ts';

/** Some windows of one cell. */
export interface Job {
  readonly cell: Cell;
  readonly seeds: readonly number[];
  /** Names of algorithms. */
  readonly algorithms: readonly string[];
}

/** Of one cell, by algorithm. */
export interface JobResult {
  readonly cell: Cell;
  readonly counts: Readonly<Record<string, Counts>>;
}

/** Plays the windows of a job and lets every algorithm judge each of them. */
export function runJob({ cell, seeds, algorithms }: Job): JobResult {
  const chosen = ALGORITHMS.filter(({ name }) => algorithms.includes(name));
  const all = new Map(chosen.map(({ name }) => [name, [] as Counts[]]));
  for (const seed of seeds) {
    const window = simulateWindow(cell, seed);
    for (const algorithm of chosen) {
      const begun = process.cpuUsage();
      const counts = judgeWindow(algorithm, window);
      const { user, system } = process.cpuUsage(begun);
      counts.cpuMs = (user + system) / 1000;
      all.get(algorithm.name)?.push(counts);
    }
  }
  return { cell, counts: Object.fromEntries([...all].map(([name, each]) => [name, sumOf(each)])) };
}
