import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RECORDED_ENVIRONMENT, recordedLines, type StoryName } from '../recordings/index.ts';

/** One recorded change, as whoever made it wrote it down. */
export interface RecordedChange {
  readonly n: number;
  readonly occurred_at: string;
  readonly action: string;
  readonly resource: { readonly type: string; readonly id: string; readonly name?: string };
  readonly before?: unknown;
  readonly after?: unknown;
  readonly revision?: number;
  readonly actor: string;
  readonly effect: string;
}

/** The changes of a story that were made after its set-up. */
export function storyChanges(story: StoryName): RecordedChange[] {
  const file = fileURLToPath(new URL(`../../fixtures/aisix/${story}/changes.ndjson`, import.meta.url));
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RecordedChange)
    .filter(({ effect }) => effect !== 'setup');
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
    ...(revision === undefined ? {} : { config_revision: revision }),
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
