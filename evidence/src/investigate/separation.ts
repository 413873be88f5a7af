import { canDoSomething, TREATED } from './control.ts';
import { type Evidence, firstAt, type KnownChange, touchedBy } from './evidence.ts';
import { LEAST_MECHANISM } from './mechanism.ts';
import type { Reason } from './model.ts';
import type { ResourceGraph } from './resourceGraph.ts';
import type { NearRow } from './rows.ts';
import { eachNear } from './rows.ts';
import { type Family, OUTAGE_FAMILIES } from './signatures.ts';
import type { Span } from './spans.ts';
import type { Tally } from './tally.ts';

/** Changes this near to each other came at the same moment as far as requests can tell. */
const SAME_MOMENT_MILLIS = 2_000;
/** As many changes in one moment are a burst of automation. */
const BURST = 5;
/** A rival counts when it touches this share of the failures. */
const RIVAL_SHARE = 0.8;
/** A rival that explains as much to this many nats cannot be told apart. */
const SEPARATING_NATS = 5;

/** Where a provider key's requests go: keys with the same address share their provider's fate. */
function addressOf(graph: ResourceGraph, providerKeyId: string): string | undefined {
  const value = graph.entry('provider_key', providerKeyId)?.value;
  if (value === undefined) return undefined;
  return `${String(value.provider)} ${String(value.api_base ?? '')}`;
}

/** A start that is known to this is no chance beside a change that explains it. */
const SHARP_MILLIS = 20_000;
/** Slowness is seen among slow ones that are always there, rare failures when the next one comes. */
const SHARP_SLOW_MILLIS = 90_000;
const MOST_SHARP_MILLIS = 120_000;
const LIKELY_MECHANISM = 0.6;
const TWIN_BEFORE = 20;
const TWIN_AFTER = 8;
/** More than this many points up, and the twin is not healthy. */
const TWIN_POINTS = 0.02;

/**
 * Whether models on other keys of the same provider stayed well while the touched ones did not: then the provider is
 * up. Undefined when there is no such traffic.
 */
function twinIsWell(
  evidence: Evidence,
  known: KnownChange,
  tally: Tally,
  before: readonly Span[],
  afterMillis: number,
  isBad: (near: NearRow) => boolean | undefined,
): boolean | undefined {
  const graph = known.around.before;
  const own = known.change.resource.kind === 'provider_key' ? [known.change.resource.id ?? ''] : [];
  const addresses = new Set(own.map((id) => addressOf(graph, id)).filter((one) => one !== undefined));
  if (addresses.size === 0) return undefined;
  const models = new Set(
    [...graph.models.values()]
      .filter(({ providerKeyId }) => providerKeyId !== undefined && !own.includes(providerKeyId))
      .filter(({ providerKeyId }) => addresses.has(addressOf(graph, providerKeyId ?? '') ?? ''))
      .map(({ name }) => name),
  );
  if (models.size === 0) return undefined;
  const counts = { before: 0, badBefore: 0, after: 0, badAfter: 0 };
  eachNear(evidence, known, tally, before, afterMillis, (near) => {
    if (near.category === TREATED) return;
    const { shape } = evidence.combinations[near.combination] ?? {};
    if (shape?.requestedModel === undefined || !models.has(shape.requestedModel)) return;
    const bad = isBad(near) === true ? 1 : 0;
    if (near.since < 0) {
      counts.before++;
      counts.badBefore += bad;
    } else {
      counts.after++;
      counts.badAfter += bad;
    }
  });
  if (counts.before < TWIN_BEFORE || counts.after < TWIN_AFTER) return undefined;
  return counts.badAfter / counts.after - counts.badBefore / counts.before < TWIN_POINTS;
}

/**
 * Whether an outage of the provider would look just the same. Siblings on the same provider that stayed well have
 * excused nothing, so they settle it; so does an error message that quotes the new value.
 */
export function couldBeOutage(
  evidence: Evidence,
  known: KnownChange,
  tally: Tally,
  before: readonly Span[],
  afterMillis: number,
  found: {
    readonly family: Family;
    readonly hasSiblings: boolean;
    /** Failures quote the new value, or tries hid them before. */
    readonly isMarked: boolean;
    /** A sharp start alone does not settle it. */
    readonly isEarly: boolean;
    readonly mechanism: number;
    readonly spread: number;
    /** Mean time between bad ones, milliseconds. */
    readonly badGap: number;
    readonly isBad: (near: NearRow) => boolean | undefined;
  },
): boolean {
  const { kind } = known.change.resource;
  if (kind !== 'provider_key' && kind !== 'model') return false;
  if (!OUTAGE_FAMILIES.has(found.family) || found.isMarked || found.hasSiblings) return false;
  const twin = twinIsWell(evidence, known, tally, before, afterMillis, found.isBad);
  if (twin !== undefined) return !twin;
  if (found.isEarly) return true;
  // An outage that begins within seconds of a change that can do just this is far rarer than such a change going wrong.
  const least = found.family === 'slow' || found.family === 'target_mix' ? SHARP_SLOW_MILLIS : SHARP_MILLIS;
  const sharp = Math.min(MOST_SHARP_MILLIS, Math.max(least, 3 * found.badGap));
  return found.mechanism < LIKELY_MECHANISM || found.spread > sharp;
}

const llr = (bad: number, total: number, usual: number): number => {
  if (total === 0 || bad / total <= usual) return 0;
  const share = Math.min(0.999, bad / total);
  return bad * Math.log(share / usual) + (total - bad) * Math.log((1 - share) / (1 - usual));
};

/**
 * Why a change cannot be told from others that came at the same moment, could do the same and touch the same failures;
 * undefined when there is none.
 */
export function rivalReason(
  evidence: Evidence,
  known: KnownChange,
  tally: Tally,
  found: {
    readonly family: Family;
    readonly usual: number;
    readonly worse: boolean;
    readonly afterMillis: number;
    /** When it began, in milliseconds after the change: what came in between is a rival, too. */
    readonly began: number;
    readonly isBad: (near: NearRow) => boolean | undefined;
  },
): Reason | undefined {
  const { time, change } = known;
  const near = evidence.changes.filter(
    (other) =>
      other.change.id !== change.id &&
      other.time.from <= time.to + Math.max(0, found.began) + SAME_MOMENT_MILLIS &&
      other.time.to >= time.from - SAME_MOMENT_MILLIS &&
      canDoSomething(other) &&
      ((found.worse ? other.mechanism.worse : other.mechanism.better)[found.family] ?? 0) >= LEAST_MECHANISM,
  );
  if (near.length === 0) return undefined;
  const { window } = evidence;
  const own = { bad: 0, total: 0 };
  const others = near.map(() => ({ bad: 0, total: 0, shared: 0 }));
  const touching = near.map((other) => touchedBy(evidence, other));
  const end = firstAt(window, time.to + found.afterMillis);
  for (let row = firstAt(window, time.to); row < end; row++) {
    const combination = evidence.combination[row] ?? 0;
    const category = tally.category[combination] ?? 0;
    const start = window.startTime[row] ?? 0;
    const answer = found.isBad({ row, since: start - time.to, category, combination });
    if (answer === undefined) continue;
    const bad = answer === found.worse ? 1 : 0;
    if (category === TREATED) {
      own.total++;
      own.bad += bad;
    }
    for (const [index, counts] of others.entries()) {
      // What was well before a rival came is none of its doing.
      const since = (near[index]?.time.from ?? 0) - SAME_MOMENT_MILLIS;
      if (touching[index]?.[combination] !== 1 || start < since) continue;
      counts.total++;
      counts.bad += bad;
      if (category === TREATED) counts.shared += bad;
    }
  }
  const mine = llr(own.bad, own.total, found.usual);
  const alike = others.filter(
    ({ bad, total, shared }) =>
      shared >= RIVAL_SHARE * own.bad && llr(bad, total, found.usual) > mine - SEPARATING_NATS,
  );
  if (alike.length === 0) return undefined;
  return alike.length >= BURST ? 'one_of_a_burst' : 'same_moment_as_another';
}
