import { valueHash } from '../model/canonicalJson.ts';
import type {
  ChangeObservation,
  FeedRef,
  InForceObservation,
  Observation,
  PresentObservation,
  ResourceRef,
} from '../model/observation.ts';
import { wireKind } from '../redact/kinds.ts';
import type { Redactor } from '../redact/redactor.ts';
import { heldPaths } from './heldPaths.ts';
import {
  type Held,
  type HeldResource,
  heldValue,
  type SourceEntry,
  type SourceLook,
  type SourceState,
} from './sourceState.ts';

export interface SnapshotContext {
  readonly feed: FeedRef;
  readonly environment: string;
  /** Of sources beside a data plane: then the look tells what is in force there. */
  readonly dataPlane?: string;
  readonly redactor: Redactor;
}

export interface SnapshotDifference {
  /** To be remembered once the observations are durable. */
  readonly state: SourceState;
  /** In the order in which they happened, as far as revisions tell. */
  readonly observations: readonly Observation[];
}

/**
 * What happened to a source's resources between what is remembered of it and what it holds now. Without a memory
 * nothing happened: what is there is `present`. Entries are compared by key and value, an equal value under a new
 * revision is no change; `stale` only decides what is in force. A last good value that is newer than the remembered
 * one was wanted in between, so it is a change of its own. Resources that the source names twice count once, the
 * later one; sources that can be wrong in that way check it themselves.
 */
export function snapshotDiff(
  previous: SourceState | undefined,
  look: SourceLook,
  context: SnapshotContext,
): SnapshotDifference {
  const resources = heldResources(look, context.redactor);
  const generation = (previous?.generation ?? 0) + 1;
  const since = previous?.since ?? look.observedAt;
  const told = createTeller({ look, context, generation, since, seenAt: previous?.seenAt });
  const observations: Observation[] = [];
  for (const [key, now] of Object.entries(resources)) {
    if (previous === undefined) observations.push(...told.present(now));
    else observations.push(...told.difference(previous.resources[key], now));
  }
  for (const [key, before] of Object.entries(previous?.resources ?? {})) {
    if (!Object.hasOwn(resources, key)) observations.push(...told.difference(before, { ...before, ...GONE }));
  }
  observations.sort(byRevision);
  return {
    state: {
      version: 1,
      since,
      generation: observations.length > 0 ? generation : (previous?.generation ?? 0),
      seenAt: look.observedAt,
      resources,
    },
    observations,
  };
}

const GONE = { desired: undefined, stale: undefined } as const;

interface Sides {
  readonly kind: string;
  readonly id: string;
  readonly desired?: Held | undefined;
  readonly stale?: (Held & { readonly since?: number }) | undefined;
}

function heldResources(look: SourceLook, redactor: Redactor): Readonly<Record<string, HeldResource>> {
  const resources = new Map<string, HeldResource>();
  const put = (entry: SourceEntry, side: (held: Held) => Partial<HeldResource>) => {
    const kind = redactor.label(wireKind(entry.kind));
    const id = redactor.label(entry.id);
    const key = `${kind}/${id}`;
    resources.set(key, { ...(resources.get(key) ?? { kind, id }), ...side(heldValue(entry.kind, entry, redactor)) });
  };
  for (const entry of look.entries) put(entry, (desired) => ({ desired }));
  for (const entry of look.stale ?? []) {
    put(entry, (held) => ({ stale: { ...held, ...(entry.since === undefined ? {} : { since: entry.since }) } }));
  }
  return Object.fromEntries(resources);
}

interface Telling {
  readonly look: SourceLook;
  readonly context: SnapshotContext;
  readonly generation: number;
  readonly since: number;
  /** Of the last look; absent at the first. */
  readonly seenAt: number | undefined;
}

function createTeller({ look, context, generation, since, seenAt }: Telling) {
  const { feed, environment, dataPlane } = context;
  const between = [Math.min(seenAt ?? look.at, look.at), look.at] as const;

  /** `without`: what tells it from a repetition where there is no revision. */
  function seen(resource: ResourceRef, what: readonly unknown[], revision: number | undefined) {
    const place = [environment, dataPlane ?? null, resource.kind, resource.id ?? null];
    const turn = revision === undefined ? [feed.type, feed.name, since, generation] : [revision];
    return {
      observationId: valueHash([...place, ...what, ...turn]),
      feed,
      observedAt: look.observedAt,
      environment,
      ...(dataPlane === undefined ? {} : { dataPlane }),
    };
  }

  function reference({ kind, id }: Sides, name?: string, previousName?: string): ResourceRef {
    return {
      kind,
      id,
      ...(name === undefined ? {} : { name }),
      ...(previousName === undefined ? {} : { previousName }),
    };
  }

  function change(sides: Sides, before: Held | undefined, after: Held | undefined): ChangeObservation[] {
    if (before === after || before?.digest === after?.digest) return [];
    const action = before === undefined ? 'create' : after === undefined ? 'delete' : 'update';
    const wasRenamed = before?.name !== undefined && after?.name !== undefined && before.name !== after.name;
    const resource = reference(sides, (after ?? before)?.name, wasRenamed ? before.name : undefined);
    return [
      {
        type: 'change',
        // A deletion has no revision of its own; the one that it ended is in the hash.
        ...seen(
          resource,
          ['change', action, before?.revision ?? null, before?.digest ?? null, after?.digest ?? null],
          after?.revision,
        ),
        trust: 'observed',
        action,
        resource,
        seenBetween: between,
        foundLate: look.late,
        paths: before === undefined || after === undefined ? [] : heldPaths(before, after),
        before: before?.value ?? null,
        after: after?.value ?? null,
        ...(after?.revision === undefined ? {} : { revision: after.revision }),
        result: 'success',
        source: feed.type,
      },
    ];
  }

  function served(sides: Sides, state: InForceObservation['state'], held: Held | undefined, turn: unknown) {
    if (dataPlane === undefined || look.stale === undefined) return [];
    const resource = reference(sides, held?.name);
    const observation: InForceObservation = {
      type: 'in_force',
      ...seen(
        resource,
        ['in_force', state, held?.digest ?? null, turn],
        state === 'removed' ? undefined : held?.revision,
      ),
      environment,
      dataPlane,
      resource,
      state,
      ...(held === undefined || state === 'removed' ? {} : { valueHash: valueHash(held.value) }),
      ...(held?.revision === undefined || state === 'removed' ? {} : { revision: held.revision }),
      at: look.at,
      ...(seenAt === undefined ? {} : { between }),
    };
    return [observation];
  }

  /** What is in force, where it is not what was in force before. */
  function inForce(before: Sides | undefined, now: Sides): InForceObservation[] {
    const { desired, stale } = now;
    const wasServed = before?.stale ?? before?.desired;
    if (desired === undefined && stale === undefined)
      return served(now, 'removed', wasServed, wasServed?.revision ?? null);
    const told: InForceObservation[] = [];
    if (stale !== undefined && stale.digest !== wasServed?.digest) {
      told.push(...served(now, 'applied', stale, null));
    }
    if (stale !== undefined && desired !== undefined) {
      const isNew = before?.stale === undefined || before.desired?.digest !== desired.digest;
      if (isNew) told.push(...served(now, 'rejected', desired, stale.since ?? null));
    }
    if (stale === undefined && desired !== undefined) {
      const isNew = before?.stale !== undefined || before?.desired?.digest !== desired.digest;
      if (isNew) told.push(...served(now, 'applied', desired, before?.stale?.since ?? null));
    }
    return told;
  }

  function present(now: HeldResource): Observation[] {
    const one = (held: Held, as: PresentObservation['as']): PresentObservation => {
      const resource = reference(now, held.name);
      return {
        type: 'present',
        ...seen(resource, ['present', as, held.digest], held.revision),
        environment,
        resource,
        value: held.value,
        valueHash: valueHash(held.value),
        ...(held.revision === undefined ? {} : { revision: held.revision }),
        at: look.at,
        as,
      };
    };
    const { desired, stale } = now;
    const knowsForce = dataPlane !== undefined && look.stale !== undefined;
    if (stale === undefined) return desired === undefined ? [] : [one(desired, knowsForce ? 'both' : 'desired')];
    if (desired === undefined) return [one(stale, 'in_force')];
    return [one(desired, 'desired'), one(stale, 'in_force'), ...served(now, 'rejected', desired, stale.since ?? null)];
  }

  function difference(before: Sides | undefined, now: Sides): Observation[] {
    const past = before?.desired;
    const { desired, stale } = now;
    const passed =
      stale?.revision !== undefined &&
      stale.revision > (past?.revision ?? 0) &&
      stale.revision < (desired?.revision ?? 0) &&
      stale.digest !== past?.digest
        ? stale
        : undefined;
    const changes =
      passed === undefined
        ? change(now, past, desired)
        : [...change(now, past, passed), ...change(now, passed, desired)];
    return [...changes, ...inForce(before, now)];
  }

  return { present, difference };
}

/** Deletions, which have no revision, and what has none at all, come after the rest. */
function byRevision(a: Observation, b: Observation): number {
  return revisionOf(a) - revisionOf(b);
}

function revisionOf(observation: Observation): number {
  return ('revision' in observation ? observation.revision : undefined) ?? Number.MAX_SAFE_INTEGER;
}
