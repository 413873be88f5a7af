import type { QueryResultMetaNotice } from '@grafana/data';
import { catchError, concatMap, forkJoin, from, map, type Observable, of, switchMap, throwError, toArray } from 'rxjs';
import { isRefusal } from '../api/auditAccess';
import type { ChangeFilter, ChangesAnswer, ConfigChange } from '../api/changes';
import { failureOf } from '../api/failure';
import { QueryFailure } from '../api/queryFailure';
import { changeLogFrame } from '../frames/changes';
import { changeTable } from '../frames/changeTable';
import { changeLinks } from '../frames/links';
import { annotationFrame } from '../frames/markers';
import { namedMarkers } from '../frames/namedMarkers';
import { environmentsOf } from '../query/conditions';
import { interpolateOne } from '../query/interpolate';
import { DEFAULT_MARKERS, SERVER_LIMITS } from '../query/limits';
import type { ChangesQuery, ObservabilityQuery } from '../query/model';
import type { Asked } from './asked';
import { changeFilters } from './changeFilters';
import { type Answer, executedOf, type Part, type RunContext } from './context';
import { everywhere } from './everywhere';
import { gapNotices } from './gaps';
import { rangeOf } from './range';

/** Changes with names and values: rows in Explore and in panels, annotations where a dashboard asks for those. */
export function runChanges(query: ChangesQuery, asked: Asked, context: RunContext): Observable<Answer> {
  const { refId, shape } = query;
  const environments = environmentsOf(query.environment, { ...context, ...asked });
  const changeId = interpolateOne('The id of a change', query.changeId, context.templates, asked.scopedVars).trim();
  const { notices, ...range } = rangeOf(asked);
  // Those of a burst are found among all: the server does not look for bursts.
  const limit = changeId === '' ? query.limit : SERVER_LIMITS.rows;
  const body = { ...range, limit, order: 'newest' } as const;
  const filters = changeFilters(query, asked, context);
  if (!context.audit.mayBe()) return refused(refId, range, asked);
  const [first = []] = filters;
  const searched = searchChanges(environments, body, context, filters).pipe(
    map(({ changes, notices: told }) => ({
      changes: changes
        .filter(({ id, burstId }) => changeId === '' || id === changeId || burstId === changeId)
        .slice(0, limit),
      notices: [...notices, ...told],
      executed: executedOf('changes/search', first.length === 0 ? body : { ...body, filters: first }),
    })),
  );
  // With filters beside the id it is for the server to say whether the change fulfils them.
  const isById = changeId !== '' && first.length === 0;
  const found = isById
    ? getChange(changeId, context).pipe(switchMap((change) => (change === undefined ? searched : of(change))))
    : searched;
  return forkJoin([found, context.directory.environmentName()]).pipe(
    map(([{ changes, ...answer }, environmentName]) => {
      const links = changeLinks(context.links());
      const frame = asked.annotation
        ? annotationFrame(namedMarkers(changes, environmentName), { refId, name: 'changes', range })
        : shape !== 'rows'
          ? changeTable(changes, refId, environmentName, links)
          : changeLogFrame(changes, refId, environmentName, links);
      return { frames: [frame], ...answer };
    }),
  );
}

/** The change of that id, whenever and wherever it was; nothing where it is the id of a burst, or of no change. */
function getChange(
  id: string,
  { client, audit }: Pick<RunContext, 'client' | 'audit'>,
): Observable<(Found & { readonly executed: string }) | undefined> {
  const found = client.change({ id }).pipe(
    map((change) => ({ changes: [change], notices: [], executed: executedOf('changes/get', { id }) })),
    catchError((error: unknown) =>
      error instanceof QueryFailure && error.code === 'change_unknown' ? of(undefined) : throwError(() => error),
    ),
  );
  return audit.watch(found);
}

/** Without asking: Grafana shows no failure of annotations, and a page that is refreshed would be refused over and over. */
function refused(refId: string, range: Pick<Body, 'from' | 'to'>, { annotation }: Asked): Observable<Answer> {
  if (!annotation) return throwError(() => new QueryFailure(REFUSED, { status: 403 }));
  return of({ frames: [annotationFrame([], { refId, name: 'changes', range })], executed: '' });
}

const REFUSED =
  'Changes with names are for audit readers, and you are none. If that has just changed: it takes up to ten minutes, and this page has to be loaded again.';

interface Found {
  readonly changes: readonly ConfigChange[];
  readonly notices: readonly QueryResultMetaNotice[];
}

interface Body {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly order: 'newest';
}

/** Changes of every environment that is named, each once: those of the whole organization come with every environment. */
export function searchChanges(
  environments: readonly string[],
  body: Body,
  { client, audit }: Pick<RunContext, 'client' | 'audit'>,
  filters: readonly ChangeFilter[][] = [[]],
): Observable<Found> {
  // One reading after the other: all of them times all environments would fill the reader's places on the server.
  const search = from(filters).pipe(
    concatMap((all) =>
      everywhere(environments, (environment) =>
        client.changes({ ...body, ...environment, ...(all.length === 0 ? {} : { filters: all }) }),
      ),
    ),
    toArray(),
  );
  return audit.watch(search).pipe(map((answers) => merge(answers.flat())));
}

function merge(answers: readonly ChangesAnswer[]): Found {
  const changes = [...new Map(answers.flatMap((answer) => answer.changes).map((each) => [each.id, each])).values()];
  changes.sort((a, b) => b.occurredAt - a.occurredAt);
  const more = answers.some(({ nextCursor }) => nextCursor !== undefined);
  const text = `Shown are the newest ${changes.length} changes; the range has more. Choose a shorter one, or raise the limit.`;
  return {
    changes,
    notices: [
      ...(more ? [{ severity: 'info', text } as const] : []),
      ...gapNotices(answers.flatMap(({ gaps }) => gaps)),
    ],
  };
}

/** Rows of changes for a list of requests. Who may not see changes gets the requests, and a notice that says so. */
export function changeRows(
  { refId }: ObservabilityQuery,
  environments: readonly string[],
  asked: Asked,
  context: RunContext,
): Observable<Part> {
  const { notices: _, ...range } = rangeOf(asked);
  if (!context.audit.mayBe()) return of({ frames: [], notices: [ONLY_AUDIT] });
  const body = { ...range, limit: DEFAULT_MARKERS, order: 'newest' } as const;
  return forkJoin([searchChanges(environments, body, context), context.directory.environmentName()]).pipe(
    map(([{ changes, notices }, environmentName]) => ({
      frames: [changeLogFrame(changes, refId, environmentName, changeLinks(context.links()))],
      notices,
    })),
    catchError((error: unknown) => of({ frames: [], notices: [isRefusal(error) ? ONLY_AUDIT : missing(error)] })),
  );
}

/** Of what others get in place of names. */
export const ONLY_AUDIT: QueryResultMetaNotice = {
  severity: 'info',
  text: 'Changes with names are for audit readers.',
};

const missing = (error: unknown): QueryResultMetaNotice => ({
  severity: 'warning',
  text: `Rows of changes are missing. ${failureOf(error).message}`,
});
