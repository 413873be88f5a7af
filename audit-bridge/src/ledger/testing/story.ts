import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { ChangeAction, ChangedPath } from '@aisix-observability/evidence';
import { canonicalJson, valueHash } from '../../model/canonicalJson.ts';
import type { ChangeObservation, InForceObservation, Observation, StatusObservation } from '../../model/observation.ts';

export type Story = 'story' | 'story-2';

/** One line of `changes.ndjson`: what an audit feed would say, and the answer key. */
export interface TrueChange {
  readonly n: number;
  readonly occurred_at: string;
  readonly action: ChangeAction;
  readonly resource: { readonly type: string; readonly id: string; readonly name: string };
  readonly before?: Document;
  readonly after?: Document;
  readonly revision: number;
  readonly actor: string;
  readonly effect: string;
}

type Document = Readonly<Record<string, unknown>>;

const ENVIRONMENT = '0b6f6a52-6e0b-4b0e-9a55-0a4e2f0f2a11';

/** Lines of a recording. */
export function recorded(story: Story, file: string): unknown[] {
  const bytes = readFileSync(new URL(`../../../../test/fixtures/aisix/${story}/${file}`, import.meta.url));
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** The changes that were made after the set-up. */
export function trueChanges(story: Story): TrueChange[] {
  return (recorded(story, 'changes.ndjson') as TrueChange[]).filter(({ effect }) => effect !== 'setup');
}

/** Paths that differ, by leaf. */
export function differences(before: unknown, after: unknown, path = ''): ChangedPath[] {
  if (canonicalJson(before ?? null) === canonicalJson(after ?? null)) return [];
  if (isDocument(before) && isDocument(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
    return keys.flatMap((key) => differences(before[key], after[key], `${path}/${key}`));
  }
  return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }), secret: false }];
}

function isDocument(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The story's changes as signed events. */
export function signedEvents(story: Story): ChangeObservation[] {
  return trueChanges(story).map(({ n, occurred_at, action, resource, before, after, revision, actor }) => ({
    type: 'change',
    observationId: `webhook:${story}:${n}`,
    feed: { type: 'webhook', name: 'cloud' },
    observedAt: Date.parse(occurred_at) + 150,
    environment: ENVIRONMENT,
    trust: 'signed',
    action,
    resource: { kind: resource.type, id: resource.id, name: resource.name },
    occurredAt: Date.parse(occurred_at),
    foundLate: false,
    actor: { type: 'user', name: actor },
    paths: differences(before ?? null, after ?? null),
    before: before ?? null,
    after: after ?? null,
    revision,
    result: 'success',
    source: 'dashboard',
    contentHash: valueHash([before, after]),
  }));
}

interface Entry {
  readonly kind: string;
  readonly id: string;
  readonly value: Document;
  readonly revision: number;
}

const SINGULAR: Readonly<Record<string, string>> = {
  rate_limit_policies: 'rate_limit_policy',
  cache_policies: 'cache_policy',
};

function entriesOf(listed: readonly { key: string; value_b64: string; revision: number }[] = []): Map<string, Entry> {
  return new Map(
    listed.map(({ key, value_b64, revision }) => {
      const [kinds = '', id = ''] = key.split('/').slice(-2);
      const value = JSON.parse(Buffer.from(value_b64, 'base64').toString('utf8')) as Document;
      return [key, { kind: SINGULAR[kinds] ?? kinds.replace(/s$/, ''), id, value, revision }];
    }),
  );
}

/** Observations of a watcher of the data plane's cache file, by a plain comparison of each version with the one before. */
export function watched(story: Story, dataPlane = 'dp-1', delay = 0): Observation[] {
  const versions = recorded(story, 'cache.ndjson.gz') as { at: string; body: { entries: []; stale?: [] } }[];
  const seen: Observation[] = [];
  let last: { at: number; entries: Map<string, Entry>; stale: Map<string, Entry> } | undefined;
  for (const { at: time, body } of versions) {
    const at = Date.parse(time) + delay;
    const now = { at, entries: entriesOf(body.entries), stale: entriesOf(body.stale) };
    const common = {
      feed: { type: 'config_cache', name: dataPlane } as const,
      observedAt: at,
      environment: ENVIRONMENT,
      dataPlane,
    };
    for (const key of last === undefined ? [] : new Set([...last.entries.keys(), ...now.entries.keys()])) {
      const before = last?.entries.get(key);
      const after = now.entries.get(key);
      const { kind, id } = (after ?? before) as Entry;
      const changed = canonicalJson(before?.value ?? null) !== canonicalJson(after?.value ?? null);
      const name = nameOf((after ?? before)?.value);
      const previousName = before !== undefined && nameOf(before.value) !== name ? nameOf(before.value) : undefined;
      const resource = {
        kind,
        id,
        ...(name !== undefined && { name }),
        ...(previousName !== undefined && { previousName }),
      };
      const revision = after?.revision;
      const known = { ...common, resource, ...(revision !== undefined && { revision }) };
      if (changed) {
        seen.push({
          ...known,
          type: 'change',
          observationId: `${dataPlane}:${key}:${at}`,
          trust: 'observed',
          action: actionOf(before, after),
          seenBetween: [Math.max(at - 200, last?.at ?? at), at],
          foundLate: false,
          paths: differences(before?.value ?? null, after?.value ?? null),
          before: before?.value ?? null,
          after: after?.value ?? null,
          result: 'success',
          source: 'config_cache',
        } satisfies ChangeObservation);
      }
      if (changed || last?.stale.has(key) !== now.stale.has(key)) {
        const state = after === undefined ? 'removed' : now.stale.has(key) ? 'rejected' : 'applied';
        seen.push({
          ...known,
          type: 'in_force',
          observationId: `${dataPlane}:${key}:${at}:${state}`,
          state,
          at,
        } satisfies InForceObservation);
      }
    }
    last = now;
  }
  return seen;
}

function nameOf(value: Document | undefined): string | undefined {
  const name = value?.display_name ?? value?.name;
  return typeof name === 'string' ? name : undefined;
}

function actionOf(before: Entry | undefined, after: Entry | undefined): ChangeAction {
  if (before === undefined) return 'create';
  return after === undefined ? 'delete' : 'update';
}

/** `/status/config` of the story, as far as it moved. */
export function statusReports(story: Story, dataPlane = 'dp-1'): StatusObservation[] {
  interface Polled {
    at: string;
    body: {
      state: string;
      applied: { applied_revision: number; apply_seq: number; applied_at: string };
      rejected: { resource_kind: string; resource_id: string; serving_stale_since: string }[];
    };
  }
  const reports: StatusObservation[] = [];
  let last = '';
  for (const { at, body } of recorded(story, 'status.ndjson.gz') as Polled[]) {
    const { applied, state } = body;
    const rejected = body.rejected.map(({ resource_kind: kind, resource_id: id, serving_stale_since: since }) => ({
      kind,
      id,
      servingStaleSince: Date.parse(since),
    }));
    const told = canonicalJson([state, applied, rejected]);
    if (told === last) continue;
    last = told;
    reports.push({
      type: 'status',
      observationId: `${dataPlane}:status:${at}`,
      feed: { type: 'status', name: dataPlane },
      observedAt: Date.parse(at),
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
