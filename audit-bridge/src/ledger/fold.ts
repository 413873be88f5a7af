import type { ChangeVerdict } from '@aisix-observability/evidence';
import { canonicalJson } from '../model/canonicalJson.ts';
import type { ChangeObservation, InForceObservation, StatusObservation } from '../model/observation.ts';
import { buildChange } from './buildChange.ts';
import { changeIds } from './changeIds.ts';
import type { FoldedChange } from './foldedChange.ts';
import { timesInForce } from './inForce.ts';
import { compareText, type Interval, intervalOf } from './observed.ts';
import { type Paired, pairObservations } from './pair.ts';

/** A verdict of a person, on the id that the change had then; `null` takes it back. */
export interface HumanVerdict {
  readonly changeId: string;
  readonly verdict: NonNullable<ChangeVerdict['human']> | null;
  readonly at: number;
}

/** Everything that was observed of the resources of one fold unit. */
export interface FoldInput {
  /** Two of the same `observationId` with other content are a conflict. */
  readonly changes: readonly ChangeObservation[];
  readonly inForce: readonly InForceObservation[];
  /** Of the unit's environment. */
  readonly statuses: readonly StatusObservation[];
  readonly verdicts: readonly HumanVerdict[];
}

/**
 * The changes that observations amount to, by time. Pure: any order and any duplication of the same observations give
 * the same changes.
 */
export function foldChanges(input: FoldInput): FoldedChange[] {
  const { observations, conflicting } = withoutRepeats(input.changes);
  const paired = pairObservations(observations)
    .map((pair) => ({ ...pair, ...changeIds(pair), at: timeOf(pair) }))
    .toSorted((a, b) => a.at - b.at || compareText(a.id, b.id));
  const asked = paired.map(({ audits, observed, at }) => {
    const members = [...audits, ...observed];
    const revision = members.find((member) => member.revision !== undefined)?.revision;
    const happened = members.every(({ result }) => result !== 'failure');
    return { at, members, happened, ...(revision !== undefined && { revision }) };
  });
  const times = timesInForce(asked, input.inForce, input.statuses);
  return paired.map((pair, index) => {
    const ids = new Set([pair.id, ...pair.aliases]);
    return {
      ...buildChange(pair, {
        id: pair.id,
        occurredAt: pair.at,
        inForce: times[index] ?? { applied: new Map(), rejected: new Map() },
        conflict: [...pair.audits, ...pair.observed].some(({ observationId }) => conflicting.has(observationId)),
        human: lastVerdict(input.verdicts.filter(({ changeId }) => ids.has(changeId))),
      }),
      aliases: pair.aliases,
      span: spanOf(pair),
    };
  });
}

/** Of two contents of one id the smaller by hash is taken: whatever came first must not matter. */
function withoutRepeats(changes: readonly ChangeObservation[]) {
  const byId = Map.groupBy(changes, ({ observationId }) => observationId);
  const conflicting = new Set<string>();
  const observations: ChangeObservation[] = [];
  for (const [id, [first, ...others]] of byId) {
    if (first === undefined) continue;
    if (others.some(({ contentHash }) => contentHash !== first.contentHash)) conflicting.add(id);
    observations.push(others.reduce(smaller, first));
  }
  return { observations, conflicting };
}

function smaller(a: ChangeObservation, b: ChangeObservation): ChangeObservation {
  const order =
    compareText(a.contentHash ?? '', b.contentHash ?? '') ||
    a.observedAt - b.observedAt ||
    compareText(canonicalJson(a), canonicalJson(b));
  return order <= 0 ? a : b;
}

/** What an audit log says, else the first moment at which anybody saw it. */
function timeOf({ audits, observed }: Paired): number {
  const [audit] = audits;
  if (audit !== undefined) return Math.min(...audits.map((member) => intervalOf(member)[1]));
  return Math.min(...observed.map((member) => intervalOf(member)[1]));
}

function spanOf({ audits, observed }: Paired): Interval {
  const intervals = [...audits, ...observed].map(intervalOf);
  return [Math.min(...intervals.map(([from]) => from)), Math.max(...intervals.map(([, to]) => to))];
}

/** The last one by time; of two at once the greater in canonical order. */
function lastVerdict(verdicts: readonly HumanVerdict[]): ChangeVerdict['human'] | undefined {
  const [last] = verdicts.toSorted(
    (a, b) => b.at - a.at || compareText(canonicalJson(b.verdict), canonicalJson(a.verdict)),
  );
  return last?.verdict ?? undefined;
}
