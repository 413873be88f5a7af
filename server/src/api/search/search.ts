import type { RequestPage } from '@aisix-observability/evidence';
import type { RequestReader } from '../context.ts';
import type { SearchBody } from '../contract/bodies.ts';
import { readSearchCursor, searchCursor } from '../query/cursor.ts';
import { type Asking, checkSelection } from '../query/selection.ts';
import { searchLane } from '../run/laneOf.ts';
import type { Asked, RunQuery } from '../run/runQuery.ts';

export interface SearchPage extends Omit<RequestPage, 'next'> {
  readonly nextCursor?: string;
}

/** One page of a search. @throws ApiError, or what the store throws */
export async function searchPage(
  body: SearchBody,
  asking: Asking,
  asked: Pick<Asked, 'reader' | 'client'>,
  { store, run }: { readonly store: Pick<RequestReader, 'search'>; readonly run: RunQuery },
): Promise<SearchPage> {
  const { limit, order, cursor } = body;
  const selection = checkSelection(body, asking);
  const bound = { ...selection, route: 'search', order } as const;
  const query = {
    ...selection,
    limit,
    order,
    ...(cursor === undefined ? {} : { after: readSearchCursor(bound, cursor) }),
  };
  const { next, ...page } = await run({ ...asked, name: 'search', lane: searchLane(selection) }, (signal) =>
    store.search(query, signal),
  );
  return { ...page, ...(next === undefined ? {} : { nextCursor: searchCursor(bound, next) }) };
}

/** The answer, with the rows as the engine wrote them. */
export function searchText({ requests, nextCursor, stats }: SearchPage): readonly string[] {
  const rest = JSON.stringify({ ...(nextCursor === undefined ? {} : { nextCursor }), stats });
  return ['{"requests":', requests, ',', rest.slice(1)];
}
