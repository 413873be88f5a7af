import type { ConfigChange, RequestWindow } from '@aisix-observability/evidence';
import { createRandom } from '../../gateway/random.ts';
import type { Algorithm, JudgedInput, RankedIncident, Said } from '../judge/algorithm.ts';
import { logOddsDraws, sigmoid } from './draws.ts';
import { failedResults, foundStart, rowAt } from './failures.ts';
import { type Counted, type FourGroups, failures, fourGroups, type Sides, sidesOf, slowOnes } from './fourGroups.ts';
import { inForceAt } from './groups.ts';

const MINUTE = 60_000;
const BEFORE_MS = 20 * MINUTE;
/** B4: three looks, never continuously. */
const LOOKS = [
  { name: '+5m', after: 5 * MINUTE, probability: 0.998 },
  { name: '+10m', after: 10 * MINUTE, probability: 0.995 },
  { name: '+20m', after: 20 * MINUTE, probability: 0.99 },
] as const;
const DRAWS = 2_000;
const LEAST_ODDS = Math.log(1.5);
const MARGIN = 0.02;
const FLOOR = { before: 20, after: 8, cleared: 200 };

interface Probabilities {
  readonly worse: number;
  readonly same: number;
}

/** Probability that the treated group is worse beyond the control, and that it stayed within two points. */
export function probabilities(groups: FourGroups, seed: number, clears: boolean): Probabilities {
  // Nothing rose and nothing is to be cleared: no draw could say more.
  const share = ({ bad, total }: Counted) => (bad + 0.5) / (total + 1);
  if (!clears && share(groups.treatedAfter) <= share(groups.treatedBefore)) return { worse: 0, same: 0 };
  const { treatedBefore: tb, treatedAfter: ta, controlBefore: cb, controlAfter: ca, phi } = groups;
  const random = createRandom(seed);
  const draw = ({ bad, total }: Counted) => logOddsDraws(random, bad, total, phi, DRAWS);
  const [ltb, lta, lcb, lca] = [draw(tb), draw(ta), draw(cb), draw(ca)];
  let worse = 0;
  let same = 0;
  for (let index = 0; index < DRAWS; index++) {
    const drift = (lca[index] ?? 0) - (lcb[index] ?? 0);
    const expected = sigmoid((ltb[index] ?? 0) + drift);
    const after = sigmoid(lta[index] ?? 0);
    const delta = (lta[index] ?? 0) - (ltb[index] ?? 0) - drift;
    if (delta > LEAST_ODDS && after - expected > MARGIN) worse++;
    if (Math.abs(after - expected) < MARGIN) same++;
  }
  return { worse: worse / DRAWS, same: same / DRAWS };
}

/** B3: a provider key has no sibling, so that only refused keys tell its change from an outage. */
function refusesKey({ window }: JudgedInput, { treated }: Sides, from: number, to: number): boolean {
  const failed = failedResults(window);
  let bad = 0;
  let refused = 0;
  for (let row = rowAt(window, from); row < rowAt(window, to); row++) {
    const result = window.result[row] ?? -1;
    if (!treated.has(row) || failed[result] !== true) continue;
    bad++;
    if (window.results[result]?.outcome === 'provider_auth') refused++;
  }
  return refused * 2 > bad;
}

function weigh(input: JudgedInput, change: ConfigChange, now: number, sides: Sides): Said {
  const from = inForceAt(change);
  const due = LOOKS.filter(({ after }) => from + after <= now);
  const nextLookAt = LOOKS.map(({ after }) => from + after).find((at) => at > now);
  let reason = 'before_look';
  for (const { name, after, probability } of due) {
    const to = Math.min(
      from + after,
      ...input.changes
        .filter(({ resource, occurredAt }) => resource.id === change.resource.id && occurredAt > change.occurredAt)
        .map(({ occurredAt }) => occurredAt),
    );
    const isLast = nextLookAt === undefined && name === due.at(-1)?.name;
    const indicators = [failures(input), slowOnes(input, sides, from, BEFORE_MS)];
    let cleared = isLast;
    for (const [index, isBad] of indicators.entries()) {
      const groups = fourGroups(input, sides, isBad, { from, before: BEFORE_MS, to });
      if (groups.treatedBefore.total < FLOOR.before || groups.treatedAfter.total < FLOOR.after) {
        reason = 'few_requests';
        cleared = false;
        continue;
      }
      const p = probabilities(groups, index + 1, isLast);
      if (p.worse >= probability) {
        const separable = change.resource.kind !== 'provider_key' || index > 0 || refusesKey(input, sides, from, to);
        const verdict = separable ? 'suspect' : 'provider_outage';
        return { verdict, reason: 'worse', look: name, nextLookAt: undefined };
      }
      if (p.same < 0.95 || groups.treatedAfter.total < FLOOR.cleared) cleared = false;
    }
    if (cleared) return { verdict: 'cleared', reason: 'within_margin', look: name, nextLookAt };
  }
  return { verdict: 'undecided', reason, look: due.at(-1)?.name, nextLookAt };
}

/** B5's compatibility of a resource kind with the class that dominates the incident; pooled classes. */
const COMPATIBLE: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  caller_auth: { api_key: 1, other: 0.05 },
  policy: { api_key: 1, model: 0.3, provider_key: 0.05, other: 1 },
  provider: { api_key: 0.05, model: 0.3, provider_key: 1, other: 0.05 },
  config: { api_key: 0.05, model: 1, provider_key: 1, other: 0.05 },
};

const CLASS_OF: Readonly<Record<string, keyof typeof COMPATIBLE>> = {
  caller_auth: 'caller_auth',
  forbidden: 'policy',
  rate_limited: 'policy',
  budget: 'policy',
  guardrail_blocked: 'policy',
  provider_error: 'provider',
  provider_timeout: 'provider',
  provider_auth: 'provider',
  gateway_config: 'config',
  routing_exhausted: 'config',
  not_found: 'config',
};

function dominantClass(window: RequestWindow, start: number, now: number): string | undefined {
  const seen = new Map<string, number>();
  for (let row = rowAt(window, start); row < rowAt(window, now); row++) {
    const outcome = window.results[window.result[row] ?? -1]?.outcome ?? 'unknown';
    const name = CLASS_OF[outcome];
    if (name !== undefined) seen.set(name, (seen.get(name) ?? 0) + 1);
  }
  return [...seen].toSorted((a, b) => b[1] - a[1])[0]?.[0];
}

const logOdds = ({ bad, total }: { bad: number; total: number }) => Math.log((bad + 0.5) / (total - bad + 0.5));
const variance = ({ bad, total }: { bad: number; total: number }) => 1 / (bad + 0.5) + 1 / (total - bad + 0.5);

/** Signed deviance of a split of the treated group at a time. */
function deviance({ treatedBefore: b, treatedAfter: a, phi }: FourGroups): number {
  const part = (k: number, n: number, p: number) =>
    (k > 0 ? k * Math.log(k / (n * p)) : 0) + (n - k > 0 ? (n - k) * Math.log((n - k) / (n * (1 - p))) : 0);
  if (a.total === 0 || b.total === 0) return 0;
  const p = (a.bad + b.bad) / (a.total + b.total);
  if (p === 0 || p === 1) return 0;
  const g = (2 * (part(a.bad, a.total, p) + part(b.bad, b.total, p))) / phi;
  return a.bad / a.total >= b.bad / b.total ? g : -g;
}

function score(
  input: JudgedInput,
  sides: Sides,
  change: ConfigChange,
  start: number,
  now: number,
  kindOf: string | undefined,
): number {
  const from = inForceAt(change);
  if (now <= from) return Number.NEGATIVE_INFINITY;
  const at = (moved: number) =>
    fourGroups(input, sides, failures(input), { from: from + moved, before: BEFORE_MS + moved, to: now });
  const groups = at(0);
  const { treatedBefore: tb, treatedAfter: ta, controlBefore: cb, controlAfter: ca, phi } = groups;
  const delta = logOdds(ta) - logOdds(tb) - (logOdds(ca) - logOdds(cb));
  const z = delta / Math.sqrt(phi * (variance(ta) + variance(tb) + variance(ca) + variance(cb)));
  const own = deviance(groups);
  const best = Math.max(own, ...[-5, -2.5, 2.5, 5].map((minutes) => deviance(at(minutes * MINUTE))));
  const weights = COMPATIBLE[kindOf ?? ''];
  const w = weights === undefined ? 1 : (weights[change.resource.kind] ?? weights.other ?? 0.05);
  const late = from > start + MINUTE ? -3 - (from - start) / (2 * MINUTE) : 0;
  return (
    0.5 * Math.max(z, 0) ** 2 -
    Math.min(10, 0.5 * (best - own)) -
    Math.max(0, start - from) / (10 * MINUTE) +
    Math.log(w) +
    late
  );
}

function rank(
  input: JudgedInput,
  sides: (change: ConfigChange) => Sides,
  given: number | undefined,
  now: number,
): RankedIncident[] {
  const start = given ?? foundStart(input.window, now);
  if (start === undefined) return [];
  const kindOf = dominantClass(input.window, start, now);
  const candidates = input.changes
    .map((change) => ({ change, score: score(input, sides(change), change, start, now, kindOf) }))
    .toSorted((a, b) => b.score - a.score)
    .map(({ change: { id } }) => ({ kind: 'change' as const, id, name: id }));
  return [{ start, end: undefined, bad: 1, candidates }];
}

/** The first design, before two recorded stories amended it: pooled failures, unshrunk control, compatibility by kind. */
export const FIRST_DESIGN: Algorithm = {
  name: 'first design (B3–B5)',
  open(input) {
    const known = new Map<string, Sides>();
    const sides = (change: ConfigChange): Sides => {
      const found = known.get(change.id) ?? sidesOf(change, input);
      known.set(change.id, found);
      return found;
    };
    return {
      weigh: (change, now) => weigh(input, change, now, sides(change)),
      rank: (start, now) => rank(input, sides, start, now),
    };
  },
};
