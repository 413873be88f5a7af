import type { ConfigChange } from '../model/change.ts';
import { type ConfigInForce, transitionOf } from './configInForce.ts';
import type { EarlierChange } from './explanation.ts';
import { actionWords, counted, duration, resourceWords } from './sayWords.ts';
import type { Touched } from './touchedResources.ts';

/** How far back changes are looked for, milliseconds. */
export const LOOKBACK_MS = 24 * 3_600_000;

/** Policies that are gone cannot be matched by their scope any more: a change of these kinds may have touched a request. */
const SCOPED_KINDS = new Set(['guardrail', 'guardrail_attachment', 'rate_limit_policy', 'cache_policy', 'budget']);
/** What speaks of everything in its environment. */
const WIDE_KINDS = new Set(['environment', 'organization', 'mcp_auth_settings']);

/** Changes to what a request touched, made before it, newest first. */
export function earlierChanges(
  changes: readonly ConfigChange[],
  touched: readonly Touched[],
  config: ConfigInForce,
  { uncertaintyMs }: { readonly uncertaintyMs: number },
): EarlierChange[] {
  const { at, dataPlanes } = config.basis;
  return changes
    .flatMap((change) => {
      if (change.occurredAt > at + uncertaintyMs || change.occurredAt < at - LOOKBACK_MS) return [];
      const part = partOf(change, touched, config);
      if (part === undefined) return [];
      const [from, to] = transitionOf(change, dataPlanes);
      const told = change.effective.find(({ dataPlane }) => dataPlanes.length === 0 || dataPlanes.includes(dataPlane));
      const since = told === undefined ? change.occurredAt : told.at;
      return [{ change, ...part, ageMs: Math.max(0, at - since), met: metOf(change, from, to, told !== undefined) }];
    })
    .toSorted((a, b) => b.change.occurredAt - a.change.occurredAt || (a.change.id < b.change.id ? -1 : 1));

  function metOf(change: ConfigChange, from: number, to: number, told: boolean): EarlierChange['met'] {
    if (change.state === 'rejected' || change.result === 'failure') return 'refused';
    if (change.state === 'superseded') return 'not_in_force';
    if (at < from - uncertaintyMs) return 'not_in_force';
    if (at <= to + uncertaintyMs) return 'in_transition';
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
        (one.name !== undefined && (one.name === name || one.name === previousName))),
  );
  if (same !== undefined) return { role: same.role, certain: same.certain };
  if (WIDE_KINDS.has(kind)) return { role: kind.replaceAll('_', ' '), certain: false };
  const gone = action === 'delete' || action === 'revoke' || (id !== undefined && config.byId(kind, id) === undefined);
  return SCOPED_KINDS.has(kind) && gone ? { role: kind.replaceAll('_', ' '), certain: false } : undefined;
}

/** The changes before a request in one sentence. */
export function changesSentence(changes: readonly EarlierChange[], isKnown: boolean): string {
  if (!isKnown) return 'Whether anything changed before it is not known: this server does not receive changes.';
  const [newest] = changes;
  if (newest === undefined) return 'Nothing that it touched changed in the 24 h before it.';
  const { change, ageMs } = newest;
  const others = changes.length - 1;
  const more = others === 0 ? '' : `, and ${counted(others, 'more change')} in the 24 h before`;
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
      return ' (nobody tells whether it was in force)';
  }
}
