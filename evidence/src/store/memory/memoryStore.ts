import { setImmediate as nextTurn } from 'node:timers/promises';
import { packWindow } from '../../investigate/packedWindow.ts';
import { fromRequest } from '../../investigate/requestRow.ts';
import { createWindow } from '../../investigate/window.ts';
import type { GatewayRequest } from '../../model/request.ts';
import {
  checkAsked,
  checkLimit,
  checkRange,
  checkScope,
  checkSearch,
  checkSeries,
  checkValues,
  checkWindow,
} from '../check/checkQuery.ts';
import { MAX_GET, type QueryStats, type RequestPage, type SearchPlace } from '../query.ts';
import { type EvidenceStore, StoreQueryError, StoreUnavailableError } from '../store.ts';
import { emptyContents, type MemoryContents, type Row, withNames, withVersions } from './contents.ts';
import { distinct } from './distinct.ts';
import { conditionOf } from './matches.ts';
import { comparePlaces, dayOf, endOfDay, micros } from './place.ts';
import { type HashText, type SeenRow, seenRows } from './seen.ts';
import { bucketsOf, seriesOf } from './series.ts';

export interface MemoryStoreOptions {
  /** Makes the value of a hashed field. */
  readonly hash: HashText;
  /** What an earlier store kept. */
  readonly contents?: MemoryContents;
}

/**
 * A store over plain arrays, in which every question is answered in the way that is easiest to see to be right: the
 * oracle of the conformance suite, and a store for tests. Not for a product: it keeps everything in memory, and each
 * query looks at all of it.
 */
export function createMemoryStore({ hash, contents = emptyContents() }: MemoryStoreOptions): EvidenceStore {
  let closed = false;

  /** Every method is asynchronous to its callers, and what is done is done at once. */
  async function turn<T>(work: () => T, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    await nextTurn();
    signal?.throwIfAborted();
    if (closed) throw new StoreUnavailableError('the store is closed');
    return work();
  }

  const seen = (scope: Parameters<typeof seenRows>[1], rows = contents.rows) =>
    seenRows(rows, scope, contents.names, hash);

  const selected = (query: Parameters<typeof checkAsked>[0] & { from: number; to: number; text?: string }) => {
    const holds = conditionOf(query.filters, query.text);
    return seen(query.scope).filter(({ row, request }) => isWithin(row, query) && holds(request));
  };

  return {
    apply: (versions, position) =>
      turn(() => {
        contents.rows = withVersions(contents.rows, versions);
        contents.position = Math.max(contents.position, position);
      }),
    position: () => contents.position,
    setNames: (names) =>
      turn(() => {
        contents.names = withNames(contents.names, names);
      }),

    search: (query, signal) =>
      turn(() => {
        checkSearch(query);
        const sign = query.order === 'newest' ? -1 : 1;
        const inOrder = (a: SearchPlace, b: SearchPlace) => sign * comparePlaces(a, b);
        const { after } = query;
        const rest = selected(query)
          .filter(({ row }) => after === undefined || inOrder(after, row) < 0)
          .toSorted((a, b) => inOrder(a.row, b.row));
        const page = rest.slice(0, query.limit);
        const last = page.at(-1);
        const more = rest.length > page.length && last !== undefined;
        return { ...pageOf(page), ...(more && { next: { timeMicros: last.row.timeMicros, key: last.row.key } }) };
      }, signal),

    get: ({ scope, environment, requestId }, signal) =>
      turn(() => {
        checkScope(scope);
        const found = seen(scope)
          .filter(({ row: { request } }) => request.environment === environment && request.requestId === requestId)
          .toSorted((a, b) => comparePlaces(b.row, a.row));
        return pageOf(found.slice(0, MAX_GET));
      }, signal),

    volume: (query, signal) =>
      turn(() => {
        checkSeries(query);
        const series = seriesOf(selected(query), query, query, [undefined]);
        return { buckets: bucketsOf(query), series, stats: { ...statsOf(series.length), source: 'rows' } };
      }, signal),

    metrics: (query, signal) =>
      turn(() => {
        checkSeries(query);
        const series = seriesOf(selected(query), query, query, query.measures);
        return { buckets: bucketsOf(query), series, stats: { ...statsOf(series.length), source: 'rows' } };
      }, signal),

    values: (query, signal) =>
      turn(() => {
        checkValues(query);
        return distinct(
          seen(query.scope).filter(({ row }) => isWithin(row, query)),
          query,
          contents.names,
        );
      }, signal),

    changed: (query, signal) =>
      turn(() => {
        checkAsked(query);
        checkLimit(query.limit);
        const holds = conditionOf(query.filters, query.text);
        const later = seen(query.scope)
          .filter(({ row, request }) => row.seq > query.afterVersion && holds(request))
          .toSorted((a, b) => a.row.seq - b.row.seq);
        const page = later.slice(0, query.limit);
        const end = contents.rows.reduce(
          (at, { seq }) => Math.max(at, seq),
          Math.max(query.afterVersion, contents.position),
        );
        const version = later.length > page.length ? (page.at(-1)?.row.seq ?? end) : end;
        const { requests, count } = pageOf(page);
        return { requests, count, version };
      }, signal),

    window: (query, signal) =>
      turn(() => {
        checkWindow(query);
        const { environment, from, to } = query;
        const found = seen(query.scope)
          .filter(({ row, request }) => isWithin(row, query) && request.environment === environment)
          .filter(({ request }) => request.state === 'final');
        const oneIn = Math.max(1, Math.ceil(found.length / query.maxRows));
        const builder = createWindow({ environment, from, to });
        for (const [index, { request }] of found.entries())
          if (index % oneIn === 0) builder.add(fromRequest(request as unknown as GatewayRequest));
        return { window: packWindow(builder.build()), oneIn };
      }, signal),

    read: (range) =>
      turn(() => {
        checkRange(range);
        checkLimit(range.limit);
        const after = range.after === undefined ? 0 : readCursor(range.after);
        const rest = contents.rows
          .filter((row) => isWithin(row, range) && row.seq > after && row.seq <= (range.upTo ?? row.seq))
          .toSorted((a, b) => a.seq - b.seq);
        const page = rest.slice(0, range.limit);
        const next = rest.length > page.length ? page.at(-1)?.seq : undefined;
        return { requests: page.map(({ json }) => json), ...(next !== undefined && { next: String(next) }) };
      }),

    dropBefore: (time) =>
      turn(() => {
        const ended = ({ timeMicros }: Row) => endOfDay(dayOf(timeMicros)) <= time;
        const dropped = contents.rows.filter(ended);
        contents.rows = contents.rows.filter((row) => !ended(row));
        return { days: daysOf(dropped).size, requests: dropped.length };
      }),
    stats: () => turn(() => ({ driver: 'memory', ...summary(contents) })),
    close: async () => {
      closed = true;
    },
  };
}

function isWithin({ timeMicros }: Row, { from, to }: { readonly from: number; readonly to: number }): boolean {
  return timeMicros >= micros(from) && timeMicros < micros(to);
}

function pageOf(rows: readonly SeenRow[]): RequestPage {
  return {
    requests: JSON.stringify(rows.map(({ request }) => request)),
    count: rows.length,
    stats: statsOf(rows.length),
  };
}

/** No clock: what a query cost here tells nobody anything. */
function statsOf(rows: number): QueryStats {
  return { elapsedMs: 0, rows };
}

function readCursor(cursor: string): number {
  if (/^[1-9][0-9]{0,15}$/.test(cursor)) return Number(cursor);
  throw new StoreQueryError('cursor_invalid', 'after: is no cursor of a read', 'after');
}

function daysOf(rows: readonly Row[]): Set<number> {
  return new Set(rows.map(({ timeMicros }) => dayOf(timeMicros)));
}

function summary({ rows, position }: MemoryContents) {
  const starts = rows.map(({ request }) => request.startTime).toSorted((a, b) => a - b);
  const [oldest, newest] = [starts[0], starts.at(-1)];
  return {
    requests: rows.length,
    openRequests: rows.filter(({ request }) => request.state === 'open').length,
    position,
    bytes: rows.reduce((total, { json }) => total + Buffer.byteLength(json), 0),
    ...(oldest !== undefined && newest !== undefined && { oldest, newest }),
    days: daysOf(rows).size,
  };
}
