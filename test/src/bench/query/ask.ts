import { report } from '../result.ts';
import type { QueryServer } from './api.ts';
import { eventLoopTurns, longerSince } from './eventLoopTurns.ts';
import type { Question } from './questions.ts';

/** A loop that is held up for longer is noticed by everybody who is connected. */
const MOST_MILLIS = 50;

/** Threads that callers wait for; the path's works behind their backs and gives way to them. */
const ANSWERING = ['main', 'store'];

export function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

export interface AskOptions {
  readonly runs: number;
  readonly label: string;
  /** The quantile that the goal is about. @default 0.5 */
  readonly goalOf?: number;
}

/** Asks each question once and then `runs` times, one after the other, and reports the times of a client. */
export async function ask(
  server: QueryServer,
  questions: readonly Question[],
  { runs, label, goalOf = 0.5 }: AskOptions,
): Promise<void> {
  const before = await eventLoopTurns(server);
  for (const { name, goal, path, body } of questions) {
    const times: number[] = [];
    let answer = '';
    const { cpuSeconds } = server.process.usage();
    for (let run = 0; run <= runs; run += 1) {
      const started = performance.now();
      answer = await server.ask(path, body(run));
      times.push(performance.now() - started);
    }
    const [first = 0, ...rest] = times;
    const sorted = rest.toSorted((a, b) => a - b);
    const worked = ((server.process.usage().cpuSeconds - cpuSeconds) * 1000) / times.length;
    const [p50, p95] = [quantile(sorted, 0.5), quantile(sorted, 0.95)];
    report({
      what: name + label,
      measured: `p50 ${p50.toFixed(1)} p95 ${p95.toFixed(1)} first ${first.toFixed(0)} ms, ${worked.toFixed(0)} ms of processor each, ${Math.ceil(answer.length / 1024)} KiB`,
      goal: goal === undefined ? '' : `< ${goal} ms`,
      ...(goal !== undefined && { met: quantile(sorted, goalOf) < goal }),
    });
  }
  const threads = longerSince(before, await eventLoopTurns(server), MOST_MILLIS);
  report({
    what: `event loops without a turn for more than ${MOST_MILLIS} ms${label}`,
    measured: threads
      .map(({ thread, turns, longestUnder }) => `${thread} ${turns} times (all under ${longestUnder} ms)`)
      .join(', '),
    goal: 'main and store: never',
    met: threads.every(({ thread, turns }) => turns === 0 || !ANSWERING.includes(thread)),
  });
}
