import { valueHash } from '../model/canonicalJson.ts';
import type {
  ChangeObservation,
  FeedRef,
  InForceObservation,
  Observation,
  PresentObservation,
  ResourceRef,
} from '../model/observation.ts';
import type { Redactor } from '../redact/redactor.ts';
import { heldPaths } from './heldPaths.ts';
import type { Held, HeldResource, SourceLook } from './sourceState.ts';

export interface SnapshotContext {
  readonly feed: FeedRef;
  readonly environment: string;
  /** Of sources beside a data plane: then the look tells what is in force there. */
  readonly dataPlane?: string;
  readonly redactor: Redactor;
}

/** A resource before or after a look. */
interface Sides {
  readonly kind: string;
  readonly id: string;
  readonly desired?: Held | undefined;
  readonly stale?: (Held & { readonly since?: number }) | undefined;
}

interface Telling {
  readonly look: SourceLook;
  readonly context: SnapshotContext;
  readonly generation: number;
  readonly since: number;
  /** Of the last look; absent at the first. */
  readonly seenAt: number | undefined;
}

/** Tells of single resources at one look; which ones is decided by the caller. */
export function createTeller({ look, context, generation, since, seenAt }: Telling) {
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
