import { map, type Observable, of, switchMap } from 'rxjs';
import type { ApiClient } from '../api/client';
import type { FilterBody, GatewayRequest, SearchInput } from '../api/contract';
import { LEVEL_OF, OUTCOMES } from '../frames/outcomes';
import { executedOf } from './context';

/** Requests, and what was asked for them. */
export interface FoundRequests {
  readonly found: Observable<readonly GatewayRequest[]>;
  readonly executed: string;
}

export function searchRequests(body: SearchInput, client: ApiClient): FoundRequests {
  return {
    found: client.search(body).pipe(map(({ requests }) => requests)),
    executed: executedOf('requests/search', body),
  };
}

/** Where is looked. */
export interface Within {
  readonly from: number;
  readonly to: number;
  readonly environment?: string;
  readonly filters: FilterBody[];
}

/** Requests of the last minute may still change; without them every panel of a dashboard finds the same one. */
const SETTLED_MILLIS = 60_000;

/** Without an id, as on a dashboard where none is chosen yet: the newest that failed, else the newest of all. */
export function newestRequest(within: Within, client: ApiClient): FoundRequests {
  const settled = { ...within, to: Math.max(within.from + 1, within.to - SETTLED_MILLIS), limit: 1 };
  const failed = searchRequests(
    {
      ...settled,
      filters: [
        ...within.filters,
        { field: 'outcome', op: 'in', value: OUTCOMES.filter((outcome) => LEVEL_OF[outcome] === 'error') },
        { field: 'attemptCount', op: 'gte', value: 1 },
      ],
    },
    client,
  );
  const found = failed.found.pipe(
    switchMap((requests) => (requests.length > 0 ? of(requests) : searchRequests(settled, client).found)),
  );
  return { ...failed, found };
}
