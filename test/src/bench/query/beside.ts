import { setTimeout as sleep } from 'node:timers/promises';
import { report } from '../result.ts';
import type { QueryServer } from './api.ts';
import { quantile } from './ask.ts';
import type { Question } from './questions.ts';

const DAY = 86_400_000;
/** Long enough that the engine is in the middle of it. */
const GIVEN_UP_AFTER_MILLIS = 200;
/** What a light query may cost beside heavy ones: a page still feels as if it came at once. */
const LIGHT_GOAL_MILLIS = 250;
const FREED_GOAL_MILLIS = 500;

/** Looks at every text of every row of a week, and finds nothing. */
const heavy = (end: number) => ({
  from: end - 7 * DAY,
  to: end,
  text: 'nothing of the kind',
});

/** What the others feel while somebody asks for everything, and whether one who goes away lets go of the engine. */
export async function measureBesideHeavy(
  server: QueryServer,
  { end, runs, light }: { readonly end: number; readonly runs: number; readonly light: readonly Question[] },
): Promise<void> {
  const started = performance.now();
  await server.ask('/requests/search', heavy(end));
  const alone = performance.now() - started;
  report({ what: 'a search through every text of 7 d', measured: `${alone.toFixed(0)} ms`, goal: '' });

  const ended = new AbortController();
  const asking = Promise.all(
    [1, 2, 3].map(async () => {
      while (!ended.signal.aborted) {
        await server.ask('/requests/search', heavy(end), ended.signal).catch((error: unknown) => {
          if (!ended.signal.aborted) throw error;
        });
      }
    }),
  );
  for (const { name, path, body } of light) {
    const times: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      const at = performance.now();
      await server.ask(path, body(run));
      times.push(performance.now() - at);
    }
    const sorted = times.toSorted((a, b) => a - b);
    const p95 = quantile(sorted, 0.95);
    report({
      what: `${name}, while three clients search every text of 7 d`,
      measured: `p50 ${quantile(sorted, 0.5).toFixed(1)} p95 ${p95.toFixed(1)} ms`,
      goal: `p95 ≤ ${LIGHT_GOAL_MILLIS} ms`,
      met: p95 <= LIGHT_GOAL_MILLIS,
    });
  }
  ended.abort();
  await asking;
  await sleep(GIVEN_UP_AFTER_MILLIS);

  const client = new AbortController();
  const gone = server.ask('/requests/search', heavy(end), client.signal).catch(() => undefined);
  await sleep(GIVEN_UP_AFTER_MILLIS);
  const before = server.process.usage().cpuSeconds;
  client.abort();
  await gone;
  await sleep(FREED_GOAL_MILLIS);
  const used = (server.process.usage().cpuSeconds - before) * 1000;
  report({
    what: `the same given up by its client after ${GIVEN_UP_AFTER_MILLIS} ms`,
    measured: `${used.toFixed(0)} ms of processor in the ${FREED_GOAL_MILLIS} ms after`,
    goal: '≤ 200 ms',
    met: used <= 200,
  });
}
