import type { ChangedPath, ChangeState, ChangeVerdict, ConfigChange } from '@aisix-observability/evidence';
import type { ChangeObservation } from '../model/observation.ts';
import type { FoldedChange } from './foldedChange.ts';
import type { InForce } from './inForce.ts';
import { byTime, compareText, intervalOf, nameIn, nameOf, widthOf } from './observed.ts';
import type { Paired } from './pair.ts';

/** What is known of a change beside its observations. */
export interface Findings {
  readonly id: string;
  readonly occurredAt: number;
  readonly inForce: InForce;
  readonly conflict: boolean;
  readonly human: ChangeVerdict['human'] | undefined;
}

/** A change out of its observations: who and what from the audit event, else from the observation that saw it closest. */
export function buildChange(paired: Paired, findings: Findings): Omit<FoldedChange, 'aliases' | 'span'> {
  const audits = paired.audits.toSorted((a, b) => rankOf(a) - rankOf(b) || byTime(a, b));
  const observed = paired.observed.toSorted((a, b) => widthOf(intervalOf(a)) - widthOf(intervalOf(b)) || byTime(a, b));
  const members = [...audits, ...observed];
  const teller = members[0] as ChangeObservation;
  const closest = observed[0];
  const actor = first(members, ({ actor }) => actor);
  const organization = first(members, ({ organization }) => organization);
  const revision = first(members, ({ revision }) => revision);
  const requestId = first(members, ({ requestId }) => requestId);
  const dataPlane = dataPlaneOf(members);
  const observedBetween = audits.length === 0 ? closest?.seenBetween : undefined;
  // What an action says by itself needs no document.
  const before = teller.action === 'create' ? null : first([...observed, ...audits], ({ before }) => before);
  const after = teller.action === 'delete' ? null : first([...observed, ...audits], ({ after }) => after);
  return {
    change: {
      id: findings.id,
      occurredAt: findings.occurredAt,
      observedAt: Math.min(...members.map(({ observedAt }) => observedAt)),
      effective: effectiveOf(findings.inForce),
      action: teller.action,
      ...(actor !== undefined && { actor }),
      resource: resourceOf(teller, members, observed),
      environment: teller.environment,
      ...(organization !== undefined && { organization }),
      ...(dataPlane !== undefined && { dataPlane }),
      paths: members.find(({ paths }) => paths.length > 0)?.paths ?? [],
      ...(revision !== undefined && { revision }),
      result: teller.result,
      trust: teller.trust,
      state: stateOf(paired, findings.inForce),
      foundLate: audits.length === 0 && observed.every(({ foundLate }) => foundLate),
      ...(observedBetween !== undefined && { observedBetween }),
      conflict: findings.conflict,
      source: teller.source,
      ...(requestId !== undefined && { requestId }),
      ...(findings.human !== undefined && { verdict: { human: findings.human } }),
    },
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  };
}

/** A signed event is believed before a polled one. */
function rankOf({ trust }: ChangeObservation): number {
  return trust === 'signed' ? 0 : 1;
}

function first<T>(
  members: readonly ChangeObservation[],
  of: (member: ChangeObservation) => T | undefined,
): T | undefined {
  for (const member of members) {
    const value = of(member);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Only where a single data plane is spoken of; several stand in `effective`. */
function dataPlaneOf(members: readonly ChangeObservation[]): string | undefined {
  const [only, ...others] = new Set(members.map(({ dataPlane }) => dataPlane).filter((name) => name !== undefined));
  return others.length === 0 ? only : undefined;
}

function effectiveOf({ applied }: InForce): ConfigChange['effective'] {
  return Array.from(applied, ([dataPlane, at]) => ({ dataPlane, at })).toSorted(
    (a, b) => a.at - b.at || compareText(a.dataPlane, b.dataPlane),
  );
}

function stateOf({ superseded }: Paired, { applied, rejected }: InForce): ChangeState {
  if (applied.size > 0) return 'applied';
  if (rejected.size > 0) return 'rejected';
  return superseded ? 'superseded' : 'unknown';
}

function resourceOf(
  teller: ChangeObservation,
  members: readonly ChangeObservation[],
  observed: readonly ChangeObservation[],
): ConfigChange['resource'] {
  const id = first(members, ({ resource }) => resource.id);
  // What was seen knows the name after the change; some audit logs give the one before it.
  const name =
    first(observed, nameOf) ??
    nameIn(teller.action === 'delete' ? teller.before : teller.after) ??
    renamedIn(teller)?.after ??
    teller.resource.name;
  const previousName = [...observed, ...members]
    .flatMap((member) => [member.resource.previousName, nameIn(member.before), renamedIn(member)?.before])
    .find((other) => other !== undefined && other !== name);
  return {
    kind: teller.resource.kind,
    ...(id !== undefined && { id }),
    ...(name !== undefined && { name }),
    ...(previousName !== undefined && { previousName }),
  };
}

const NAME_PATHS = ['/display_name', '/name'];

/** A change of name told by its paths alone. */
function renamedIn({ paths }: ChangeObservation): { readonly before?: string; readonly after?: string } | undefined {
  const renamed: ChangedPath | undefined = paths.find(({ path, secret }) => !secret && NAME_PATHS.includes(path));
  if (renamed === undefined) return undefined;
  const { before, after } = renamed;
  return {
    ...(typeof before === 'string' && { before }),
    ...(typeof after === 'string' && { after }),
  };
}
