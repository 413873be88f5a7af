import type { QueryResultMetaNotice } from '@grafana/data';
import { catchError, map, type Observable, of, switchMap, throwError } from 'rxjs';
import { QueryFailure } from '../api/queryFailure';
import { failedLinks, requestLinks } from '../frames/links';
import { explanationLines, explanationTable } from '../investigation/explanationFrames';
import { impactLines, impactTable } from '../investigation/impactFrames';
import { nothingFrame } from '../investigation/lines';
import { environmentsOf } from '../query/conditions';
import { interpolateOne } from '../query/interpolate';
import type { InvestigationQuery } from '../query/model';
import type { Asked } from './asked';
import { type Answer, executedOf, type RunContext } from './context';
import { everywhere } from './everywhere';
import { runIncidents } from './incidents';
import { newestRequest } from './newestRequest';
import { rangeOf } from './range';

const REFUSED =
  'What broke what is for audit readers, and you are none. If that has just changed: it takes up to ten minutes, and this page has to be loaded again.';

/** Why a request failed, what a change did, or what may have caused the trouble of the range. */
export function runInvestigation(query: InvestigationQuery, asked: Asked, context: RunContext): Observable<Answer> {
  if (!context.audit.mayBe()) return throwError(() => new QueryFailure(REFUSED, { status: 403 }));
  const environments = environmentsOf(query.environment, { ...context, ...asked });
  switch (query.about) {
    case 'request':
      return runExplanation(query, environments, asked, context);
    case 'change':
      return runImpact(query, environments, asked, context);
    case 'incident':
      return runIncidents(query, environments, asked, context);
  }
}

const UNKNOWN = 'There is no request of that id among those that you may see.';

function runExplanation(
  query: InvestigationQuery,
  environments: readonly string[],
  asked: Asked,
  context: RunContext,
): Observable<Answer> {
  const { refId, shape } = query;
  const { client, audit, templates } = context;
  const named = interpolateOne('The id of a request', query.requestId, templates, asked.scopedVars).trim();
  const explain = (requestId: string, places: readonly string[], notices: QueryResultMetaNotice[]) => {
    // An id is known in one of several environments, as a rule: the others refuse it.
    const found = everywhere(places, (environment) =>
      client.explain({ requestId, ...environment }).pipe(
        map(({ explanations }) => explanations),
        catchError((error: unknown) => (isUnknown(error) && places.length > 1 ? of([]) : throwError(() => error))),
      ),
    );
    return audit.watch(found).pipe(
      map((answers): Answer => {
        const explanations = answers.flat();
        if (explanations.length === 0) throw new QueryFailure(UNKNOWN, { status: 404 });
        const targets = context.links();
        const links = [...failedLinks(targets), ...requestLinks(targets)];
        const frame =
          shape === 'table' ? explanationTable(explanations, refId, links) : explanationLines(explanations, refId);
        return { frames: [frame], notices, executed: executedOf('investigations/request', { requestId }) };
      }),
    );
  };
  if (named !== '') return explain(named, environments, []);
  const { from, to } = rangeOf(asked);
  const [environment, another] = environments;
  const within = {
    from,
    to,
    ...(environment === undefined || another !== undefined ? {} : { environment }),
    filters: another === undefined ? [] : [{ field: 'environment', op: 'in' as const, value: [...environments] }],
  };
  const { found, executed } = newestRequest(within, client);
  return found.pipe(
    switchMap(([newest]) =>
      newest === undefined
        ? of({ frames: [nothingFrame('no data', NO_REQUEST, refId)], executed })
        : explain(newest.requestId, [newest.environment], [NEWEST]),
    ),
  );
}

const isUnknown = (error: unknown) => error instanceof QueryFailure && error.code === 'request_unknown';

const NEWEST: QueryResultMetaNotice = {
  severity: 'info',
  text: 'No request is named: this is the newest that failed, or the newest of all.',
};
const NO_REQUEST = 'There is no request in the range to explain.';

function runImpact(
  { refId, shape, changeId }: InvestigationQuery,
  environments: readonly string[],
  asked: Asked,
  { client, audit, templates }: RunContext,
): Observable<Answer> {
  const id = interpolateOne('The id of a change', changeId, templates, asked.scopedVars).trim();
  if (id === '')
    return throwError(() => new QueryFailure('No change is named. Follow a marker, or enter the id of one.'));
  const [environment, another] = environments;
  // Of a change of the whole organization the server wants to know whose requests are looked at.
  const body = { id, ...(environment === undefined || another !== undefined ? {} : { environment }) };
  return audit.watch(client.impact(body)).pipe(
    map((answer) => ({
      frames: [shape === 'table' ? impactTable(answer, refId) : impactLines(answer, refId)],
      executed: executedOf('investigations/impact', body),
    })),
  );
}
