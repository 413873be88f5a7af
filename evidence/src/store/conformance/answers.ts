import { expect } from 'vitest';
import type { GatewayRequest } from '../../model/request.ts';
import type { ChangedQuery, ReadScope, SearchPlace, SearchQuery } from '../query.ts';
import type { EvidenceStore } from '../store.ts';

/** One text for equal JSON, whatever the order of its keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Requests of an answer, held to its count. */
export function requestsOf(page: { readonly requests: string; readonly count: number }): GatewayRequest[] {
  const requests = JSON.parse(page.requests) as GatewayRequest[];
  expect(requests).toHaveLength(page.count);
  return requests;
}

const placeMicros = ({ startTime }: GatewayRequest) => Math.round(startTime * 1000);

/** Everything that a search finds, page by page; the pages are held to their order, their size and their cursors. */
export async function searchAll(store: EvidenceStore, query: SearchQuery): Promise<GatewayRequest[]> {
  const found: GatewayRequest[] = [];
  const sign = query.order === 'newest' ? -1 : 1;
  for (let after: SearchPlace | undefined = query.after; ; ) {
    const page = await store.search({ ...query, ...(after && { after }) });
    const requests = requestsOf(page);
    const times = requests.map((request) => sign * placeMicros(request));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    found.push(...requests);
    if (page.next === undefined) {
      expect(requests.length).toBeLessThanOrEqual(query.limit);
      return found;
    }
    expect(requests).toHaveLength(query.limit);
    expect(page.next.timeMicros).toBe(placeMicros(requests.at(-1) as GatewayRequest));
    after = page.next;
  }
}

/** Everything that changed after a version, page by page, and where it ended. */
export async function changedAll(
  store: EvidenceStore,
  query: ChangedQuery,
): Promise<{ requests: GatewayRequest[]; version: number }> {
  const requests: GatewayRequest[] = [];
  for (let version = query.afterVersion; ; ) {
    const page = await store.changed({ ...query, afterVersion: version });
    requests.push(...requestsOf(page));
    expect(page.version).toBeGreaterThanOrEqual(version);
    expect(page.count).toBeLessThanOrEqual(query.limit);
    if (page.version === version || page.count === 0) return { requests, version: page.version };
    version = page.version;
  }
}

/** Everything of a range, as it was applied, page by page. */
export async function readAll(
  store: EvidenceStore,
  range: { readonly from: number; readonly to: number; readonly limit: number },
): Promise<GatewayRequest[]> {
  const requests: GatewayRequest[] = [];
  for (let after: string | undefined; ; ) {
    const page = await store.read({ ...range, ...(after !== undefined && { after }) });
    expect(page.requests.length).toBeLessThanOrEqual(range.limit);
    requests.push(...page.requests.map((json) => JSON.parse(json) as GatewayRequest));
    if (page.next === undefined) return requests;
    after = page.next;
  }
}

/** Requests in an order of their own, to be compared where the order among equal times is the driver's. */
export function unordered(requests: readonly GatewayRequest[]): string[] {
  return requests.map(canonical).toSorted();
}

export function clearScope(...environments: readonly string[]): ReadScope {
  return { environments, visibility: {} };
}

/** Long before and long after everything that the suite stores. */
export const ALWAYS = { from: 0, to: Date.UTC(2100, 0, 1) } as const;

/** A search for everything of these environments. */
export function everything(...environments: readonly string[]): SearchQuery {
  return { ...ALWAYS, scope: clearScope(...environments), filters: [], limit: 10_000, order: 'newest' };
}
