import type { Cell } from '../parameters.ts';
import { type SimulatedWindow, simulateWindow } from '../simulateWindow.ts';
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

/** A seed whose world has nothing that the situation could break is drawn anew so far away, where no other seed is. */
const REDRAW = 1_000_000;
const MOST_REDRAWS = 5;

/** The window of a seed, or of the next one that can be drawn. */
export function drawWindow(cell: Cell, seed: number, redraws = MOST_REDRAWS): SimulatedWindow {
  try {
    return simulateWindow(cell, seed);
  } catch (error) {
    if (!(error instanceof RangeError) || redraws === 0) throw error;
    return drawWindow(cell, seed + REDRAW, redraws - 1);
  }
}

/** Plays the windows of a job and lets every algorithm judge each of them. */
export function runJob({ cell, seeds, algorithms }: Job): JobResult {
  const chosen = ALGORITHMS.filter(({ name }) => algorithms.includes(name));
  const all = new Map(chosen.map(({ name }) => [name, [] as Counts[]]));
  for (const seed of seeds) {
    const window = drawWindow(cell, seed);
    for (const algorithm of chosen) {
      const begun = process.cpuUsage();
      const counts = judgeWindow(algorithm, window);
      const { user, system } = process.cpuUsage(begun);
      counts.cpuMs = (user + system) / 1000;
      if (window.seed !== seed) counts.redrawn = 1;
      all.get(algorithm.name)?.push(counts);
    }
  }
  return { cell, counts: Object.fromEntries([...all].map(([name, each]) => [name, sumOf(each)])) };
}
