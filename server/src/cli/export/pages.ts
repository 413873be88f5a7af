import { setTimeout as wait } from 'node:timers/promises';
import type { GatewayRequest } from '@aisix-observability/evidence';
import { API_LIMITS, BUSY_RETRY_SECONDS } from '../../api/limits.ts';
import type { ParsedFilter } from './parseFilter.ts';

export interface ExportQuery {
  readonly from: number;
  readonly to: number;
  readonly environment?: string;
  readonly filters: readonly ParsedFilter[];
  readonly text?: string;
}

export interface ExportPage {
  readonly requests: readonly GatewayRequest[];
  readonly nextCursor?: string;
}

/** One search of the query API. */
export type SearchOnce = (body: object) => Promise<ExportPage>;

/** Long enough for any queue to move; after it something is wrong. */
const BUSY_ATTEMPTS = 60;

/**
 * Requests of any range, oldest first, a page at a time: the next one is asked for when the one before was written, so
 * that memory does not grow with the range.
 */
export async function* readPages(
  query: ExportQuery,
  search: SearchOnce,
  signal?: AbortSignal,
): AsyncGenerator<readonly GatewayRequest[]> {
  const { from, to, ...conditions } = query;
  const longest = API_LIMITS.rangeMillis.value;
  for (let start = from; start < to; start += longest) {
    const body = {
      ...conditions,
      from: start,
      to: Math.min(start + longest, to),
      order: 'oldest',
      limit: API_LIMITS.rows.value,
    };
    let cursor: string | undefined;
    do {
      const page = await patiently(() => search({ ...body, ...(cursor === undefined ? {} : { cursor }) }), signal);
      yield page.requests;
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }
}

async function patiently(search: () => Promise<ExportPage>, signal?: AbortSignal): Promise<ExportPage> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await search();
    } catch (error) {
      const busy = error instanceof Error && 'code' in error && error.code === 'too_many_queries';
      if (!busy || attempt >= BUSY_ATTEMPTS) throw error;
      await wait(BUSY_RETRY_SECONDS * 1000, undefined, { ...(signal && { signal }) });
    }
  }
}
