import type { QueryResultMetaNotice } from '@grafana/data';
import { catchError, forkJoin, map, type Observable, of } from 'rxjs';
import { isRefusal } from '../api/auditAccess';
import type { ChangesAnswer, ConfigChange } from '../api/changes';
import { failureOf } from '../api/failure';
import { changeLogFrame, namedMarker } from '../frames/changes';
import { annotationFrame } from '../frames/markers';
import { environmentsOf } from '../query/conditions';
import { interpolate } from '../query/interpolate';
import { DEFAULT_MARKERS } from '../query/limits';
import type { ChangesQuery, ObservabilityQuery } from '../query/model';
import type { Asked } from './asked';
import { type Answer, executedOf, type Part, type RunContext } from './context';
import { everywhere } from './everywhere';
import { gapNotices } from './gaps';
import { rangeOf } from './range';

/** Changes with names and values: rows in Explore and in panels, annotations where a dashboard asks for those. */
export function runChanges(query: ChangesQuery, asked: Asked, context: RunContext): Observable<Answer> {
  const environments = environmentsOf(query.environment, { ...context, ...asked });
  const chosen = choiceOf(query, asked, context);
  const { notices, ...range } = rangeOf(asked);
  const body = { ...range, limit: query.limit, order: 'newest' } as const;
  return forkJoin([searchChanges(environments, body, context), context.directory.environmentName()]).pipe(
    map(([found, environmentName]) => {
      const changes = found.changes.filter(chosen);
      const frame = asked.annotation
        ? annotationFrame(
            changes.map((change) => namedMarker(change, environmentName)),
            query.refId,
            'changes',
          )
        : changeLogFrame(changes, query.refId, environmentName);
      return {
        frames: [frame],
        notices: [...notices, ...found.notices],
        executed: executedOf('changes/search', body),
      };
    }),
  );
}

interface Found {
  readonly changes: readonly ConfigChange[];
  readonly notices: readonly QueryResultMetaNotice[];
}

/** Changes of every environment that is named, each once: those of the whole organization come with every environment. */
export function searchChanges(
  environments: readonly string[],
  body: { readonly from: number; readonly to: number; readonly limit: number; readonly order: 'newest' },
  { client, audit }: Pick<RunContext, 'client' | 'audit'>,
): Observable<Found> {
  const search = everywhere(environments, (environment) => client.changes({ ...body, ...environment }));
  return audit.watch(search).pipe(map((answers) => merge(answers)));
}

function merge(answers: readonly ChangesAnswer[]): Found {
  const changes = [...new Map(answers.flatMap((answer) => answer.changes).map((each) => [each.id, each])).values()];
  changes.sort((a, b) => b.occurredAt - a.occurredAt);
  const more = answers.some(({ nextCursor }) => nextCursor !== undefined);
  const text = `Shown are the newest ${changes.length} changes; the range has more.`;
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
      frames: [changeLogFrame(changes, refId, environmentName)],
      notices,
    })),
    catchError((error: unknown) => of({ frames: [], notices: [isRefusal(error) ? ONLY_AUDIT : missing(error)] })),
  );
}

const ONLY_AUDIT: QueryResultMetaNotice = { severity: 'info', text: 'Rows of changes are for audit readers.' };

const missing = (error: unknown): QueryResultMetaNotice => ({
  severity: 'warning',
  text: `Rows of changes are missing. ${failureOf(error).message}`,
});

/** Kinds, actions and actors that a query names, with variables replaced; none of them limits nothing. */
function choiceOf({ kinds, actions, actors }: ChangesQuery, { scopedVars }: Asked, { templates }: RunContext) {
  const wanted = (texts: readonly string[]) => {
    const found = texts.map((text) => interpolate(text, templates, scopedVars));
    const values = found.flatMap((each) => each.values).filter((value) => value !== '');
    return found.some(({ all }) => all) || values.length === 0 ? undefined : new Set(values);
  };
  const [kind, action, actor] = [wanted(kinds), wanted(actions), wanted(actors)];
  return (change: ConfigChange) =>
    (kind?.has(change.resource.kind) ?? true) &&
    (action?.has(change.action) ?? true) &&
    (actor === undefined ||
      [change.actor?.name, change.actor?.id].some((each) => each !== undefined && actor.has(each)));
}
