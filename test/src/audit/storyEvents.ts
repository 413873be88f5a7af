import {
  loadChanges,
  RECORDED_ENVIRONMENT,
  type RecordedChange,
  recordedLines,
  type StoryName,
} from '../recordings/index.ts';

/** The changes of a story that were made after its set-up. */
export function storyChanges(story: StoryName): RecordedChange[] {
  return loadChanges(story).filter(({ effect }) => effect !== 'setup');
}

/** A recorded change in the wire contract, moved in time. */
export function auditEvent(change: RecordedChange, story: StoryName, shiftMs = 0) {
  const { n, occurred_at, action, resource, before, after, revision, actor } = change;
  return {
    schema_version: '1.0',
    id: `${story}-${n}-${shiftMs}`,
    occurred_at: new Date(Date.parse(occurred_at) + shiftMs).toISOString(),
    action,
    actor: { type: 'user', id: `user-${actor}`, name: actor },
    resource,
    environment: { id: RECORDED_ENVIRONMENT },
    before: before ?? null,
    after: after ?? null,
    source: 'dashboard',
    config_revision: revision,
  };
}

/** One version of the cache file of a story's data plane. */
export interface CacheVersion {
  /** When it was seen, epoch milliseconds. */
  readonly at: number;
  readonly text: string;
}

export function cacheVersions(story: StoryName): CacheVersion[] {
  return recordedLines(story, 'cache.ndjson.gz').map((line) => {
    const { at, body } = JSON.parse(line) as { at: string; body: unknown };
    return { at: Date.parse(at), text: JSON.stringify(body) };
  });
}
