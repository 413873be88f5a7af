import { snapshotDiff } from '../../adapt/snapshotDiff.ts';
import type { SourceState } from '../../adapt/sourceState.ts';
import { valueHash } from '../../model/canonicalJson.ts';
import type { ChangeObservation, Observation, StatusObservation } from '../../model/observation.ts';
import { parseCacheFile } from '../../receive/watch/cacheFormat.ts';
import { recordedStatuses, recordedVersions } from '../../receive/watch/testing/recordedCache.ts';
import { ENVIRONMENT, redactor } from '../../receive/watch/testing/watchedStory.ts';
import { wireKind } from '../../redact/kinds.ts';
import { recordedChanges, type Story } from '../../redact/testing/recordedDocuments.ts';

export { ENVIRONMENT } from '../../receive/watch/testing/watchedStory.ts';
export { STORIES, type Story } from '../../redact/testing/recordedDocuments.ts';

/** The changes that were made after the set-up. */
export function trueChanges(story: Story) {
  return recordedChanges(story).filter(({ effect }) => effect !== 'setup');
}

/** What each change looks like in the end. */
export function expectedChanges(story: Story) {
  return trueChanges(story).map(({ action, resource, before, after }) => ({
    kind: resource.type,
    id: resource.id,
    name: (action === 'delete' ? before : after)?.display_name ?? (action === 'delete' ? before : after)?.name,
    action,
    paths: redactor.changedPaths(resource.type, before, after),
  }));
}

/** The story's changes as signed events, as an adapter hands them on. */
export function signedEvents(story: Story): ChangeObservation[] {
  return trueChanges(story).map(({ n, occurred_at, action, resource, before, after, revision, actor }) => ({
    type: 'change',
    observationId: `webhook:${story}:${n}`,
    feed: { type: 'webhook', name: 'cloud' },
    observedAt: Date.parse(occurred_at) + 150,
    environment: ENVIRONMENT,
    trust: 'signed',
    action: action as ChangeObservation['action'],
    resource: { kind: resource.type, id: resource.id, name: resource.name },
    occurredAt: Date.parse(occurred_at),
    foundLate: false,
    actor: { type: 'user', name: actor },
    paths: redactor.changedPaths(resource.type, before, after),
    before: before === undefined ? null : redactor.redactResource(resource.type, before).value,
    after: after === undefined ? null : redactor.redactResource(resource.type, after).value,
    revision,
    result: 'success',
    source: 'dashboard',
    contentHash: valueHash([before ?? null, after ?? null]),
  }));
}

/** What the watcher of a data plane's cache file sees; `delay` milliseconds later than the recorded one. */
export function watched(story: Story, dataPlane = 'dp-1', delay = 0): Observation[] {
  let state: SourceState | undefined;
  const all: Observation[] = [];
  for (const { at: seenAt, bytes } of recordedVersions(story)) {
    const at = seenAt + delay;
    const context = {
      feed: { type: 'config_cache', name: dataPlane },
      environment: ENVIRONMENT,
      dataPlane,
      redactor,
    } as const;
    // The file is looked at five times a second.
    const last = state === undefined ? undefined : { ...state, seenAt: at - 200 };
    const difference = snapshotDiff(
      last,
      { at, begunAt: at, observedAt: at, ...parseCacheFile(bytes), late: false },
      context,
    );
    all.push(...difference.observations);
    state = difference.state;
  }
  return all;
}

interface StatusBody {
  readonly state: string;
  readonly applied: { readonly applied_revision: number; readonly apply_seq: number; readonly applied_at: string };
  readonly rejected: readonly { readonly resource_kind: string; readonly resource_id: string }[];
}

/** `/status/config` of the story, as far as it moved. */
export function statusReports(story: Story, dataPlane = 'dp-1'): StatusObservation[] {
  const reports: StatusObservation[] = [];
  let last = '';
  for (const { at, body } of recordedStatuses(story)) {
    const { applied, state, rejected: refused } = body as StatusBody;
    const rejected = refused.map(({ resource_kind: kind, resource_id: id }) => ({ kind: wireKind(kind), id }));
    const told = JSON.stringify([state, applied, rejected]);
    if (told === last) continue;
    last = told;
    reports.push({
      type: 'status',
      observationId: `${dataPlane}:status:${at}`,
      feed: { type: 'status', name: dataPlane },
      observedAt: at,
      environment: ENVIRONMENT,
      dataPlane,
      state,
      appliedRevision: applied.applied_revision,
      applySeq: applied.apply_seq,
      appliedAt: Date.parse(applied.applied_at),
      rejected,
    });
  }
  return reports;
}
