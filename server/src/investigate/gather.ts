import type { ConfigChange, ReadScope, SilentSpan } from '@aisix-observability/evidence';
import type { ChangeReader } from '../audit/auditThread.ts';
import type { StoreReader } from '../store/requestStore.ts';
import type { Known } from './messages.ts';

/** Requests are final, and so stand in a window, at most so long after their end: failed groups wait for late facts. */
export const SETTLE_MILLIS = 20_000;
/** Requests of one window; beyond it every n-th is taken, which changes no share. */
export const MAX_WINDOW_ROWS = 1_000_000;
/** Changes before a window still serve its requests; older ones are not weighed against it. */
const CHANGES_BEFORE_MILLIS = 2 * 3_600_000;
/** Changes of one window; of more the newest. */
const MAX_CHANGES = 1_000;

export interface GatherDeps {
  readonly store: Pick<StoreReader, 'window'>;
  readonly changes: Pick<ChangeReader, 'search' | 'gaps' | 'configVersions'>;
}

export interface GatherQuery {
  readonly scope: ReadScope;
  readonly environment: string;
  /** Whether changes of the whole organization are part of it. */
  readonly organizationWide: boolean;
  readonly from: number;
  readonly to: number;
}

export interface Gathered extends Known {
  /** n: about every n-th request was taken. */
  readonly oneIn: number;
  /** There were more changes than are looked at: the oldest are left out. */
  readonly changesCut: boolean;
}

/** Everything that is known of one environment and span of time. */
export async function gather(query: GatherQuery, deps: GatherDeps, signal?: AbortSignal): Promise<Gathered> {
  const { scope, environment, organizationWide, from, to } = query;
  const earlier = from - CHANGES_BEFORE_MILLIS;
  const range = { environments: [environment], from: earlier, to };
  const [page, changes, versions, gaps] = await Promise.all([
    deps.store.window({ scope, environment, from, to, maxRows: MAX_WINDOW_ROWS }, signal),
    deps.changes.search({ ...range, organizationWide, limit: MAX_CHANGES, order: 'newest' }, signal),
    deps.changes.configVersions({ environment, from: earlier, to }, signal),
    deps.changes.gaps({ ...range, from }, signal),
  ]);
  const silent = gaps.map(
    (gap): SilentSpan => ({
      feed: gap.feed.name,
      ...(gap.dataPlane !== undefined && { dataPlane: gap.dataPlane }),
      of: 'changes',
      from: Math.max(gap.from, from),
      to: Math.min(gap.to ?? to, to),
    }),
  );
  const changesCut = changes.nextCursor !== undefined;
  return { ...page, changes: oldestFirst(changes.changes), versions, silent, changesCut };
}

const oldestFirst = (changes: readonly ConfigChange[]): ConfigChange[] =>
  changes.toSorted((a, b) => a.occurredAt - b.occurredAt);
