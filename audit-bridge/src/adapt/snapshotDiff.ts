import type { Observation } from '../model/observation.ts';
import { wireKind } from '../redact/kinds.ts';
import type { Redactor } from '../redact/redactor.ts';
import {
  type Held,
  type HeldResource,
  heldValue,
  type SourceEntry,
  type SourceLook,
  type SourceState,
} from './sourceState.ts';
import { createTeller, type SnapshotContext } from './tellResource.ts';

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
      seenAt: look.begunAt,
      resources,
    },
    observations,
  };
}

const GONE = { desired: undefined, stale: undefined } as const;

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

/** Deletions, which have no revision, and what has none at all, come after the rest. */
function byRevision(a: Observation, b: Observation): number {
  return revisionOf(a) - revisionOf(b);
}

function revisionOf(observation: Observation): number {
  return ('revision' in observation ? observation.revision : undefined) ?? Number.MAX_SAFE_INTEGER;
}
