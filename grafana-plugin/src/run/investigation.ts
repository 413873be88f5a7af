import { forkJoin, map, type Observable, throwError } from 'rxjs';
import { QueryFailure } from '../api/queryFailure';
import { explanationLines, explanationTable } from '../investigation/explanationFrames';
import { candidateTable, impactTable, incidentTable } from '../investigation/incidentFrames';
import { environmentsOf } from '../query/conditions';
import { interpolateOne } from '../query/interpolate';
import type { InvestigationQuery } from '../query/model';
import type { Asked } from './asked';
import { type Answer, executedOf, type RunContext } from './context';
import { everywhere } from './everywhere';
import { rangeOf } from './range';

const REFUSED =
  'What broke what is for audit readers, and you are none. If that has just changed: it takes up to ten minutes, and this page has to be loaded again.';

/** Incidents are looked for in so much; the server's own limit. */
const LONGEST_MILLIS = 6 * 60 * 60 * 1000;

/** Why a request failed, what a change did, or, without either, what may have caused the trouble of the range. */
export function runInvestigation(query: InvestigationQuery, asked: Asked, context: RunContext): Observable<Answer> {
  const { refId, shape } = query;
  const { client, audit, templates } = context;
  if (!audit.mayBe()) return throwError(() => new QueryFailure(REFUSED, { status: 403 }));
  const word = (what: string, text: string) => interpolateOne(what, text, templates, asked.scopedVars).trim();
  const requestId = word('The id of a request', query.requestId);
  const changeId = word('The id of a change', query.changeId);
  const environments = environmentsOf(query.environment, { ...context, ...asked });
  if (requestId !== '') {
    const body = { requestId };
    const found = everywhere(environments, (environment) => client.explain({ ...body, ...environment }));
    return audit.watch(found).pipe(
      map((answers) => {
        const explanations = answers.flatMap((answer) => answer.explanations);
        return {
          frames: [shape === 'table' ? explanationTable(explanations, refId) : explanationLines(explanations, refId)],
          executed: executedOf('investigations/request', body),
        };
      }),
    );
  }
  if (changeId !== '') {
    const body = { id: changeId };
    return audit.watch(client.impact(body)).pipe(
      map((answer) => ({
        frames: [impactTable(answer, refId)],
        executed: executedOf('investigations/impact', body),
      })),
    );
  }
  return runIncidents(query, environments, asked, context);
}

function runIncidents(
  { refId, shape }: InvestigationQuery,
  environments: readonly string[],
  asked: Asked,
  { client, audit, directory }: RunContext,
): Observable<Answer> {
  const { notices, ...whole } = rangeOf(asked);
  const isCut = whole.to - whole.from > LONGEST_MILLIS;
  const range = { ...whole, from: Math.max(whole.from, whole.to - LONGEST_MILLIS) };
  const found = everywhere(environments, (environment) => client.incidents({ ...range, ...environment }));
  return forkJoin([audit.watch(found), directory.environmentName()]).pipe(
    map(([answers]) => {
      const all = {
        incidents: answers.flatMap(({ incidents }) => incidents),
        changes: answers.flatMap(({ changes }) => changes),
        oneIn: Math.max(1, ...answers.map(({ oneIn }) => oneIn)),
      };
      return {
        frames: [shape === 'table' ? candidateTable(all, refId) : incidentTable(all, refId)],
        notices: [
          ...notices,
          ...(isCut
            ? [{ severity: 'info', text: 'Incidents are looked for in the newest six hours of the range.' } as const]
            : []),
        ],
        executed: executedOf('investigations/incident', range),
      };
    }),
  );
}
