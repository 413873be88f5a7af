import type { ConfigChange } from '../model/change.ts';
import { type Assessment, assess } from './assess.ts';
import { type BeforeWindow, beforeWindow } from './beforeWindow.ts';
import { type Evidence, type KnownChange, rememberAbout } from './evidence.ts';
import { measure } from './measure.ts';
import type { ComparedGroups, Impact, InvestigationParameters, Look, Reason, SilentSpan, Verdict } from './model.ts';
import { hasTwin, nextOfResource, noEffectReason, restoredChange } from './noEffect.ts';
import { sentenceOf } from './sentences.ts';
import type { Sight } from './sight.ts';
import { lengthOf } from './spans.ts';
import { tally } from './tally.ts';
import { clocksDisagree, timeInForceOf } from './timeInForce.ts';

/** A window before that holds less than this share of what was asked for was cut off by the store or by incidents. */
const LEAST_BEFORE_SHARE = 0.1;
/** A look may be this much ahead of the newest request that was read: traffic has gaps. */
const DATA_SLACK_MILLIS = 5_000;
/** Silence over more than this share of either window makes counts worthless. */
const MOST_SILENT = 0.2;

/** What a store has to be asked for to weigh a change: epoch milliseconds. */
export function neededWindow(
  change: ConfigChange,
  parameters: InvestigationParameters,
): { readonly from: number; readonly to: number } {
  const { from, to } = timeInForceOf(change, parameters.guardMillis);
  return { from: from - parameters.historyMillis, to: to + (parameters.looks.at(-1)?.afterMillis ?? 0) };
}

/** When to look at a change, when each look is due, and which one is the last. */
interface Schedule {
  readonly looks: readonly Look[];
  readonly due: (look: Look) => number;
  /** Closed by the next change of the same resource. */
  readonly closed: boolean;
}

function scheduleOf(evidence: Evidence, known: KnownChange): Schedule {
  const { looks } = evidence.parameters;
  const next = nextOfResource(evidence, known);
  const closes = next === undefined ? Number.POSITIVE_INFINITY : next.time.from - known.time.to;
  const last = looks.at(-1);
  const due = (look: Look): number => known.time.to + look.afterMillis;
  if (last === undefined || closes >= last.afterMillis) return { looks, due, closed: false };
  // What the next change closes is as final as the last look.
  const closing: Look = {
    name: 'until the next change',
    afterMillis: Math.max(0, closes),
    probability: last.probability,
  };
  return { looks: [...looks.filter(({ afterMillis }) => afterMillis < closes), closing], due, closed: true };
}

function silentIn(evidence: Evidence, from: number, to: number): readonly SilentSpan[] {
  return (evidence.input.silent ?? []).filter((span) => span.to > from && span.from < to);
}

function tooSilent(silent: readonly SilentSpan[], from: number, to: number): boolean {
  const spans = silent
    .filter((span) => span.of === 'requests')
    .map((span) => ({ from: Math.max(from, span.from), to: Math.min(to, span.to) }));
  return to > from && lengthOf(spans) / (to - from) > MOST_SILENT;
}

interface Outcome {
  readonly verdict: Verdict;
  readonly reason: Reason;
  readonly settled: boolean;
  readonly nextLookAt?: number;
  readonly assessment?: Assessment;
}

function groupsOf({ seen }: Assessment, known: KnownChange, before: BeforeWindow, look: Look): ComparedGroups {
  return {
    treatedBefore: seen.treated.before,
    treatedAfter: seen.treated.after,
    controlBefore: seen.rest.before,
    controlAfter: seen.rest.after,
    control: seen.control.name,
    beforeFrom: before.spans[0]?.from ?? known.time.from,
    beforeTo: known.time.from,
    afterFrom: known.time.to,
    afterTo: known.time.to + look.afterMillis,
  };
}

/** What can be said without looking at requests; undefined when they have to be looked at. */
function withoutLooking(evidence: Evidence, known: KnownChange, now: number): Outcome | undefined {
  const { change, time, touch } = known;
  const noEffect = noEffectReason(evidence, known);
  if (noEffect !== undefined) return { verdict: 'no_effect', reason: noEffect, settled: true };
  if (touch === undefined) return { verdict: 'undecided', reason: 'no_resource', settled: true };
  if (touch.clauses.length === 0) return { verdict: 'no_mechanism', reason: 'paths_have_no_effect', settled: true };
  if (clocksDisagree(change)) return { verdict: 'undecided', reason: 'clocks_disagree', settled: true };
  if (change.effective.length === 0 && now < time.to) {
    return { verdict: 'undecided', reason: 'not_in_force_yet', settled: false, nextLookAt: time.to };
  }
  return undefined;
}

/** Verdicts that no later look takes back: the error of each look is spent. */
const STICKY: ReadonlySet<Verdict> = new Set<Verdict>(['suspect', 'improves']);

function byLooks(evidence: Evidence, known: KnownChange, now: number): Outcome & { readonly before?: BeforeWindow } {
  const { touch, time } = known;
  if (touch === undefined) return { verdict: 'undecided', reason: 'no_resource', settled: true };
  const { looks, due, closed } = scheduleOf(evidence, known);
  const until = Math.min(now, evidence.window.to + DATA_SLACK_MILLIS);
  const dueLooks = looks.filter((look) => due(look) <= until);
  const next = looks[dueLooks.length];
  const later = next === undefined ? {} : { nextLookAt: due(next) };
  if (closed && hasTwin(evidence, known)) {
    return { verdict: 'undecided', reason: 'same_moment_as_another', settled: true };
  }
  if (dueLooks.length === 0) {
    return { verdict: 'undecided', reason: 'before_first_look', settled: next === undefined, ...later };
  }
  const before = rememberAbout(evidence, known, 'before', () => beforeWindow(evidence, known));
  const asked = evidence.parameters.beforeMillis;
  if (before.millis < LEAST_BEFORE_SHARE * asked) {
    return { verdict: 'undecided', reason: 'no_data_before', settled: true, before };
  }
  const ends = looks.map(({ afterMillis }) => afterMillis);
  const counted = rememberAbout(evidence, known, 'tally', () => tally(evidence, known, touch, before.spans, ends));
  const sight: Sight = {
    evidence,
    known,
    before,
    tally: counted,
    looks: ends,
    // Only earlier ones are asked for, so that this ends.
    wasSuspect: (earlier) => weighChange(evidence, earlier.change, now).verdict === 'suspect',
  };
  const silent = silentIn(evidence, before.spans[0]?.from ?? time.from, time.to + (ends[dueLooks.length - 1] ?? 0));
  let assessment: Assessment | undefined;
  for (const [place, look] of dueLooks.entries()) {
    const isLast = place === looks.length - 1;
    assessment = rememberAbout(evidence, known, `look ${place}`, () =>
      assess(sight, measure(sight, place, isLast), look, place, isLast),
    );
    if (STICKY.has(assessment.verdict)) break;
  }
  if (assessment === undefined) return { verdict: 'undecided', reason: 'before_first_look', settled: false };
  const { verdict, reason, look, seen } = assessment;
  const settled = STICKY.has(verdict) || next === undefined;
  const outcome = { settled, ...(settled ? {} : later), assessment, before };
  const to = time.to + look.afterMillis;
  if (tooSilent(silent, before.spans[0]?.from ?? time.from, time.from) || tooSilent(silent, time.to, to)) {
    return { ...outcome, verdict: 'undecided', reason: 'feed_silent' };
  }
  if (verdict === 'undecided' && seen.treated.before + seen.treated.after === 0) {
    return { ...outcome, verdict, reason: 'resource_untouched' };
  }
  if (closed && next === undefined && verdict === 'undecided' && reason === 'few_requests_after') {
    return { ...outcome, verdict, reason: 'replaced_too_soon' };
  }
  return { ...outcome, verdict, reason };
}

/**
 * What a change did to the requests that it touches, as of `now` (epoch milliseconds): the verdict of the newest look
 * that is due, or of the first one that found something. Nothing that came after that look is used.
 */
export function weighChange(evidence: Evidence, change: ConfigChange, now: number): Impact {
  return evidence.remember(`impact ${change.id} ${now}`, () => impactOf(evidence, change, now));
}

function impactOf(evidence: Evidence, change: ConfigChange, now: number): Impact {
  evidence.input.goOn?.();
  const known = evidence.known(change);
  const outcome: Outcome & { readonly before?: BeforeWindow } =
    withoutLooking(evidence, known, now) ?? byLooks(evidence, known, now);
  const { verdict, reason, settled, nextLookAt, assessment, before } = outcome;
  const restores = restoredChange(evidence, known)?.change.id;
  const { from, to } = known.time;
  const silent = silentIn(evidence, before?.spans[0]?.from ?? from, to + (assessment?.look.afterMillis ?? 0));
  const impact: Omit<Impact, 'sentence'> = {
    changeId: change.id,
    verdict,
    reason,
    ...(assessment !== undefined && { look: assessment.look }),
    settled,
    ...(nextLookAt !== undefined && { nextLookAt }),
    ...(change.state !== 'rejected' && { inForceFrom: from, inForceTo: to }),
    ...(assessment !== undefined &&
      before !== undefined && { groups: groupsOf(assessment, known, before, assessment.look) }),
    indicators: assessment?.indicators ?? [],
    ...(restores !== undefined && { restores }),
    silent,
  };
  return { ...impact, sentence: sentenceOf(change, impact) };
}
