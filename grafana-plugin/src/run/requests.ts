import type { QueryResultMetaNotice } from '@grafana/data';
import { forkJoin, map, type Observable, of } from 'rxjs';
import { logFrame } from '../frames/logs';
import { searchWord } from '../frames/searchWord';
import { conditionsOf, environmentsOf } from '../query/conditions';
import type { RequestsQuery } from '../query/model';
import type { Asked } from './asked';
import { changeRows } from './changes';
import { type Answer, executedOf, type Part, type RunContext } from './context';
import { markersOver } from './markers';
import { rangeOf } from './range';

/** Requests as log rows, newest first, with changes among them where that is asked for. */
export function runRequests(query: RequestsQuery, asked: Asked, context: RunContext): Observable<Answer> {
  const { client, directory } = context;
  const { notices, ...range } = rangeOf(asked);
  const options = { ...context, ...asked };
  const conditions = conditionsOf(query, options);
  const body = { ...range, ...conditions, limit: query.limit, order: 'newest' } as const;
  const changes: Observable<Part> = query.withChanges
    ? changeRows(query, environmentsOf(query.environment, options), asked, context)
    : of({ frames: [], notices: [] });
  // Explore shows no notices of its histogram: what is missing over that is told by the list.
  const over: Observable<Pick<Part, 'notices'>> =
    asked.explore && context.visibility.markers
      ? markersOver(query.refId, environmentsOf(query.environment, options), asked, context, {
          named: context.visibility.names,
        })
      : of({ notices: [] });
  return forkJoin([client.search(body), directory.environmentName(), changes, over]).pipe(
    map(([{ requests, nextCursor }, environmentName, rows, drawn]) => ({
      frames: [
        logFrame(requests, {
          refId: query.refId,
          links: context.links(),
          environmentName,
          searchWords: conditions.text === undefined ? [] : [searchWord(conditions.text)],
          limit: query.limit,
          dashboard: asked.dashboard ? range : undefined,
        }),
        ...rows.frames,
      ],
      // Who asks for one row knows that there are more.
      notices: [
        ...notices,
        ...(nextCursor === undefined || query.limit === 1 ? [] : [moreThan(requests.length)]),
        ...rows.notices,
        ...drawn.notices,
      ],
      executed: executedOf('requests/search', body),
    })),
  );
}

const moreThan = (count: number): QueryResultMetaNotice => ({
  severity: 'info',
  text: `Shown are the newest ${count} requests; the range has more. Add filters, choose a shorter range, or raise the limit.`,
});
