import { EMPTY, expand, last, map, type Observable, scan } from 'rxjs';
import type { ApiClient } from '../api/client';
import type { MarkersAnswer } from '../api/contract';
import { SERVER_LIMITS } from '../query/limits';

export interface MarkersBody {
  readonly from: number;
  readonly to: number;
  readonly environment?: string;
  readonly limit: number;
}

/** Pages that are looked through for a kind that hardly occurs. */
const PAGES = 5;

/** What the server calls the kind of a burst whose changes are of more than one (`server/src/audit/markers.ts`). */
const SEVERAL = 'several';

/**
 * The newest markers of some kinds. The server does not choose by kind, so that its limit counts all of them: pages are
 * read on until there are as many as are wanted. Bursts of several kinds are kept, since one of those may be meant.
 */
export function markersOfKinds(
  kinds: ReadonlySet<string>,
  { limit, ...body }: MarkersBody,
  client: Pick<ApiClient, 'markers'>,
): Observable<MarkersAnswer> {
  const read = (cursor?: string, before = 0) =>
    client.markers({ ...body, limit: SERVER_LIMITS.rows, ...(cursor === undefined ? {} : { cursor }) }).pipe(
      map((answer) => ({
        ...answer,
        markers: answer.markers.filter(({ kind }) => kind === SEVERAL || kinds.has(kind)),
        before,
      })),
    );
  return read().pipe(
    expand(({ markers, nextCursor, before }, at) => {
      const found = before + markers.length;
      return nextCursor === undefined || found >= limit || at >= PAGES - 1 ? EMPTY : read(nextCursor, found);
    }),
    scan((pages, page) => ({ ...page, markers: [...pages.markers, ...page.markers] })),
    last(),
    map(({ markers, nextCursor, before: _, ...answer }) => {
      // Without a place to go on from: nobody goes on, it only says that there are more.
      const more = nextCursor ?? (markers.length > limit ? 'more' : undefined);
      return { ...answer, markers: markers.slice(0, limit), ...(more === undefined ? {} : { nextCursor: more }) };
    }),
  );
}
