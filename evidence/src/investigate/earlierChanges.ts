import type { Catalogue } from '../model/catalogue.ts';
import type { ConfigChange } from '../model/change.ts';
import { type ConfigInForce, TRUNCATED_CLOCK_MS, type Transition, transitionOf } from './configInForce.ts';
import type { EarlierChange, FeedSilence } from './explanation.ts';
import { actionWords, counted, duration, instant, resourceWords } from './sayWords.ts';
import type { Touched } from './touchedResources.ts';

/** How far back changes are looked for, milliseconds. */
export const LOOKBACK_MS = 24 * 3_600_000;

/**
 * An audit log may date a change so much later than the data plane took it, when its clock is ahead: signed deliveries
 * whose clock is off by more are refused.
 */
export const AUDIT_CLOCK_AHEAD_MS = 5 * 60_000;

/** Policies that are gone cannot be matched by their scope any more: a change of these kinds may have touched a request. */
const SCOPED_KINDS = new Set(['guardrail', 'guardrail_attachment', 'rate_limit_policy', 'cache_policy', 'budget']);
/** What speaks of everything in its environment. */
const WIDE_KINDS = new Set(['environment', 'organization', 'mcp_auth_settings']);

/** Changes to what a request touched, made before it, newest first. */
export function earlierChanges(
  changes: readonly ConfigChange[],
  touched: readonly Touched[],
  config: ConfigInForce,
  { uncertaintyMs, silences }: { readonly uncertaintyMs: number; readonly silences: readonly FeedSilence[] },
): EarlierChange[] {
  const { at, dataPlanes } = config.basis;
  return changes
    .flatMap((change) => {
      const told = change.effective.find(({ dataPlane }) => dataPlanes.length === 0 || dataPlanes.includes(dataPlane));
      // What a data plane served before the request was made before it, whatever the clock of the audit log says.
      const servedBefore = told !== undefined && told.at + TRUNCATED_CLOCK_MS <= at - uncertaintyMs;
      // Seen between two looks: from the first of them on it may have been made.
      const madeAt = Math.min(change.occurredAt, change.observedBetween?.[0] ?? change.occurredAt);
      const isBefore = servedBefore || madeAt <= at + uncertaintyMs;
      if (!isBefore || change.occurredAt < at - LOOKBACK_MS) return [];
      const part = partOf(change, touched, config);
      if (part === undefined) return [];
      const transition = transitionOf(change, { dataPlanes, silences });
      const since = told === undefined ? change.occurredAt : told.at;
      return [{ change, ...part, ageMs: Math.max(0, at - since), met: metOf(change, transition, told !== undefined) }];
    })
    .toSorted((a, b) => b.change.occurredAt - a.change.occurredAt || (a.change.id < b.change.id ? -1 : 1));

  function metOf(change: ConfigChange, { from, to, isHidden }: Transition, told: boolean): EarlierChange['met'] {
    if (change.state === 'rejected' || change.result === 'failure') return 'refused';
    if (change.state === 'superseded') return 'not_in_force';
    if (at < from - uncertaintyMs) return 'not_in_force';
    if (at <= to + uncertaintyMs) return isHidden ? 'unknown' : 'in_transition';
    return told ? 'in_force' : 'unknown';
  }
}

function partOf(
  { resource, action }: ConfigChange,
  touched: readonly Touched[],
  config: ConfigInForce,
): Pick<EarlierChange, 'role' | 'certain'> | undefined {
  const { kind, id, name, previousName } = resource;
  const same = touched.find(
    (one) =>
      one.kind === kind &&
      ((id !== undefined && one.id === id) ||
        // A re-created resource has a new id, and one that events name differently has none in common.
        (one.name !== undefined &&
          (one.name === name || one.name === previousName) &&
          !areTwo(kind, one.id, id, config))),
  );
  if (same !== undefined) return { role: same.role, certain: same.certain };
  if (WIDE_KINDS.has(kind)) return { role: kind.replaceAll('_', ' '), certain: false };
  const gone = action === 'delete' || action === 'revoke' || (id !== undefined && config.byId(kind, id) === undefined);
  return SCOPED_KINDS.has(kind) && gone ? { role: kind.replaceAll('_', ' '), certain: false } : undefined;
}

/** Two of one name that exist side by side: a change of one is none of the other. */
function areTwo(kind: string, a: string | undefined, b: string | undefined, config: ConfigInForce): boolean {
  if (a === undefined || b === undefined || a === b) return false;
  return config.byId(kind, a) !== undefined && config.byId(kind, b) !== undefined;
}

/** Why changes before a request may be missing; empty where all of them are known. */
export interface ChangeDoubts {
  readonly catalogue: Catalogue | undefined;
  readonly config: ConfigInForce;
  readonly touched: readonly Touched[];
  readonly silences: readonly FeedSilence[];
  readonly cut: boolean;
}

/** Since when the configuration is known, where that is later than changes are looked for; epoch milliseconds. */
export function knownSince({ desired, inForce }: Catalogue, at: number): number | undefined {
  let first = Number.POSITIVE_INFINITY;
  for (const entries of [desired, ...Object.values(inForce)]) {
    for (const { since = Number.NEGATIVE_INFINITY } of entries) first = Math.min(first, since);
  }
  return Number.isFinite(first) && first > at - LOOKBACK_MS ? first : undefined;
}

/** Whether a silence lies in the time in which changes are looked for. */
export function isInLookback({ from, to }: FeedSilence, at: number): boolean {
  return from <= at && (to === undefined || to >= at - LOOKBACK_MS);
}

function doubtsOf({ catalogue, config, touched, silences, cut }: ChangeDoubts): string[] {
  const { at, complete, source } = config.basis;
  const since = catalogue === undefined ? undefined : knownSince(catalogue, at);
  const isPart = source === 'none' || (!complete && touched.some(({ resolved }) => resolved === undefined));
  return [
    ...(isPart ? ['what it touched is known in part only'] : []),
    ...(since === undefined ? [] : [`changes are known since ${instant(since)} only`]),
    ...(silences.some((silence) => isInLookback(silence, at)) ? ['a feed of changes was silent for a part of it'] : []),
    ...(cut ? ['there were more than are looked at'] : []),
  ];
}

/** The changes before a request in one sentence; that there were none only where that is known. */
export function changesSentence(changes: readonly EarlierChange[], known: ChangeDoubts): string {
  if (known.catalogue === undefined)
    return 'Whether anything changed before it is not known: this server does not receive changes.';
  const [newest] = changes;
  if (newest === undefined) {
    const doubts = doubtsOf(known);
    return doubts.length === 0
      ? 'Nothing that it touched changed in the 24 h before it.'
      : `No change to what it touched is known in the 24 h before it, which is no proof: ${doubts.join(', and ')}.`;
  }
  const { change, ageMs } = newest;
  const others = changes.length - 1;
  const more = others === 0 ? '' : `, and ${counted(others, 'more change')} in the 24 h before`;
  if (change.observedBetween !== undefined && ageMs === 0) {
    const [from, to] = change.observedBetween;
    return `The ${resourceWords(change.resource)} was ${actionWords(change.action)} between ${instant(from)} and ${instant(to)}, before it or after${more}.`;
  }
  return `The ${resourceWords(change.resource)} was ${actionWords(change.action)} ${duration(ageMs)} before it${metWords(newest.met)}${more}.`;
}

export function metWords(met: EarlierChange['met']): string {
  switch (met) {
    case 'in_force':
      return '';
    case 'not_in_force':
      return ' (not in force then)';
    case 'in_transition':
      return ' (just coming into force)';
    case 'refused':
      return ' (refused, so without effect)';
    case 'unknown':
      return ' (no data plane told whether it was in force)';
  }
}
