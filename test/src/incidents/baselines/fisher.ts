import type { ConfigChange } from '@aisix-observability/evidence';
import type { Algorithm, JudgedInput } from '../judge/algorithm.ts';
import { failedResults, foundStart, rowAt } from './failures.ts';
import { inForceAt, treatedBy } from './groups.ts';

const BEFORE_MS = 20 * 60_000;
const LOOK_MS = 20 * 60_000;
const ALPHA = 0.05;

function logFactorials(): (n: number) => number {
  const known: number[] = [0];
  return (n) => {
    for (let next = known.length; next <= n; next++) known.push((known[next - 1] ?? 0) + Math.log(next));
    return known[n] ?? 0;
  };
}

const logFactorial = logFactorials();
const logChoose = (n: number, k: number) => logFactorial(n) - logFactorial(k) - logFactorial(n - k);

/** One-sided Fisher: chance of so many failures after, or more, were nothing changed. */
export function fisherWorse(badBefore: number, before: number, badAfter: number, after: number): number {
  const bad = badBefore + badAfter;
  const whole = logChoose(before + after, bad);
  let sum = 0;
  for (let more = badAfter; more <= Math.min(bad, after); more++) {
    if (bad - more > before) continue;
    sum += Math.exp(logChoose(after, more) + logChoose(before, bad - more) - whole);
  }
  return Math.min(1, sum);
}

function pOf(input: JudgedInput, change: ConfigChange, from: number, to: number): number {
  const { window } = input;
  const treated = treatedBy(change, input);
  const failed = failedResults(window);
  let before = 0;
  let badBefore = 0;
  let after = 0;
  let badAfter = 0;
  for (let row = rowAt(window, from - BEFORE_MS); row < rowAt(window, to); row++) {
    if (!treated.has(row)) continue;
    const bad = failed[window.result[row] ?? -1] === true ? 1 : 0;
    if ((window.startTime[row] ?? 0) < from) {
      before++;
      badBefore += bad;
    } else {
      after++;
      badAfter += bad;
    }
  }
  return fisherWorse(badBefore, before, badAfter, after);
}

/** Plain Fisher on the pooled failures of what a change touches, once, 20 minutes after it; no control group. */
export const FISHER: Algorithm = {
  name: 'plain Fisher',
  open: (input) => ({
    weigh(change, now) {
      const from = inForceAt(change);
      const nextLookAt = from + LOOK_MS;
      if (now < nextLookAt) return { verdict: 'undecided', reason: 'before_look', look: undefined, nextLookAt };
      const suspect = pOf(input, change, from, nextLookAt) < ALPHA;
      return { verdict: suspect ? 'suspect' : 'cleared', reason: 'p', look: '+20m', nextLookAt: undefined };
    },
    rank(given, now) {
      const start = given ?? foundStart(input.window, now);
      if (start === undefined) return [];
      const candidates = input.changes
        .filter(({ occurredAt }) => occurredAt <= start + 60_000 && occurredAt >= start - 60 * 60_000)
        .map((change) => ({ change, p: pOf(input, change, inForceAt(change), now) }))
        .toSorted((a, b) => a.p - b.p || b.change.occurredAt - a.change.occurredAt)
        .map(({ change: { id } }) => ({ kind: 'change' as const, id, name: id }));
      return [{ start, end: undefined, bad: 1, candidates }];
    },
  }),
};
