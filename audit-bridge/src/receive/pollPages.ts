import { valueAt } from '../adapt/fieldPath.ts';
import { AuditPollError } from './pollFault.ts';
import type { PollSource, TimeUnit } from './pollSource.ts';

/** A poll that is still not through then goes on with the next one; 100,000 rows of a usual page size. */
export const MAX_PAGES_PER_POLL = 1000;

export interface Page {
  readonly rows: readonly unknown[];
  /** Of the page itself, where the log pages by cursors: asked again, it gives these rows and newer ones. */
  readonly cursor?: string;
}

export interface PagesOptions {
  readonly source: PollSource;
  readonly url: URL;
  /** Epoch milliseconds from which rows are wanted. */
  readonly from: number;
  /** Where to go on in a log that has only cursors. */
  readonly cursor?: string;
  readonly get: (url: URL) => Promise<unknown>;
}

/**
 * The pages of a log, one after the other, until there are no more.
 *
 * @throws AuditPollError of `get`, and `unexpected_body`, `paging_stuck`, `too_many_pages`.
 */
export async function* pagesOf({ source, url, from, cursor: start, get }: PagesOptions): AsyncGenerator<Page> {
  const { paging } = source;
  let cursor = start;
  let read = 0;
  let last = '';
  for (let number = 0; number < MAX_PAGES_PER_POLL; number += 1) {
    const page = await get(pageUrl(url, source, { from, number, ...(cursor === undefined ? {} : { cursor }) }));
    const rows = source.rows === '' ? page : valueAt(page, source.rows);
    if (!Array.isArray(rows)) {
      // Some logs write null for an empty list.
      if (rows === undefined && paging.type === 'page' && valueAt(page, paging.total) === 0) return;
      throw new AuditPollError('unexpected_body');
    }
    read += rows.length;
    const content = JSON.stringify(rows);
    if (rows.length > 0 && content === last) throw new AuditPollError('paging_stuck');
    last = content;
    yield { rows, ...(cursor === undefined ? {} : { cursor }) };
    if (paging.type === 'none') return;
    if (paging.type === 'page') {
      const total = valueAt(page, paging.total);
      if (rows.length === 0 || (typeof total === 'number' && read >= total)) return;
    } else {
      const next = valueAt(page, paging.next);
      if ((typeof next !== 'string' && typeof next !== 'number') || String(next) === cursor) return;
      cursor = String(next);
    }
  }
  throw new AuditPollError('too_many_pages', ` (${MAX_PAGES_PER_POLL})`);
}

function pageUrl(
  base: URL,
  { query = {}, from: window, paging }: PollSource,
  { from, number, cursor }: { readonly from: number; readonly number: number; readonly cursor?: string },
): URL {
  const url = new URL(base);
  for (const [param, value] of Object.entries(query)) url.searchParams.set(param, value);
  if (window !== undefined) url.searchParams.set(window.param, written(from, window.unit));
  if (paging.type === 'page') url.searchParams.set(paging.param, String(paging.first + number));
  if (paging.type === 'cursor' && cursor !== undefined) url.searchParams.set(paging.param, cursor);
  return url;
}

/** Seconds are rounded down, so that nothing is left out. */
function written(at: number, unit: TimeUnit): string {
  if (unit === 'rfc3339') return new Date(at).toISOString();
  return String(unit === 'seconds' ? Math.floor(at / 1000) : Math.floor(at));
}
