import type { QueryResultMetaNotice } from '@grafana/data';
import { catchError, forkJoin, map, type Observable, of, switchMap, throwError } from 'rxjs';
import { isRefusal } from '../api/auditAccess';
import type { Marker } from '../api/contract';
import { failureOf } from '../api/failure';
import { namedMarker } from '../frames/changes';
import { annotationFrame, markerTable, neutralMarker } from '../frames/markers';
import { environmentsOf } from '../query/conditions';
import { interpolate } from '../query/interpolate';
import { DEFAULT_MARKERS } from '../query/limits';
import type { MarkersQuery } from '../query/model';
import type { Asked } from './asked';
import { searchChanges } from './changes';
import { type Answer, executedOf, type Part, type RunContext } from './context';
import { everywhere } from './everywhere';
import { gapNotices } from './gaps';
import { rangeOf } from './range';

/** Neutral markers to draw over a chart. Explore draws nothing for an answer of annotations alone, so it gets a table too. */
export function runMarkers(query: MarkersQuery, asked: Asked, context: RunContext): Observable<Answer> {
  const { refId, kinds, limit } = query;
  const { notices, ...range } = rangeOf(asked);
  const environments = environmentsOf(query.environment, { ...context, ...asked });
  const wanted = kinds.map((kind) => interpolate(kind, context.templates, asked.scopedVars));
  const values = new Set(wanted.flatMap((each) => each.values).filter((value) => value !== ''));
  const all = values.size === 0 || wanted.some((each) => each.all);
  const body = { ...range, limit };
  return forkJoin([searchMarkers(environments, body, context), context.directory.environmentName()]).pipe(
    map(([found, environmentName]) => {
      const markers = found.markers.filter(({ kind }) => all || values.has(kind));
      const drawn = markers.map((marker) => neutralMarker(marker, environmentName));
      const annotations = annotationFrame(drawn, refId, 'change markers');
      return {
        frames: asked.explore ? [markerTable(markers, refId, environmentName), annotations] : [annotations],
        notices: [...notices, ...found.notices],
        executed: executedOf('markers/search', body),
      };
    }),
  );
}

function searchMarkers(
  environments: readonly string[],
  body: { readonly from: number; readonly to: number; readonly limit: number },
  { client }: Pick<RunContext, 'client'>,
): Observable<{ readonly markers: readonly Marker[]; readonly notices: readonly QueryResultMetaNotice[] }> {
  return everywhere(environments, (environment) => client.markers({ ...body, ...environment })).pipe(
    map((answers) => {
      const markers = [...new Map(answers.flatMap((answer) => answer.markers).map((each) => [each.id, each])).values()];
      const more = answers.some(({ nextCursor }) => nextCursor !== undefined);
      const text = `Drawn are ${markers.length} changes; the range has more. Choose a shorter one to see all.`;
      return {
        markers,
        notices: [
          ...(more ? [{ severity: 'info', text } as const] : []),
          ...gapNotices(answers.flatMap(({ gaps }) => gaps)),
        ],
      };
    }),
  );
}

/**
 * What is drawn over the series of another query. With `named`, audit readers see what changed by name and who did it,
 * everybody else the neutral marker. A series without its markers is worth showing, so that failures are notices here.
 */
export function markersOver(
  refId: string,
  environments: readonly string[],
  asked: Asked,
  context: RunContext,
  { named }: { readonly named: boolean },
): Observable<Part> {
  const { notices: _, ...range } = rangeOf(asked);
  const body = { ...range, limit: DEFAULT_MARKERS };
  const neutral = searchMarkers(environments, body, context).pipe(
    map(({ markers, notices }) => ({
      notices,
      drawn: (name: (id: string) => string) => markers.map((each) => neutralMarker(each, name)),
    })),
  );
  const withNames = searchChanges(environments, { ...body, order: 'newest' }, context).pipe(
    map(({ changes, notices }) => ({
      notices,
      drawn: (name: (id: string) => string) => changes.map((each) => namedMarker(each, name)),
    })),
    catchError((error: unknown) => (isRefusal(error) ? neutral : throwError(() => error))),
  );
  const found = named && context.audit.mayBe() ? withNames : neutral;
  return found.pipe(
    switchMap(({ drawn, notices }) =>
      context.directory
        .environmentName()
        .pipe(map((name) => ({ frames: [annotationFrame(drawn(name), refId, 'change markers')], notices }))),
    ),
    catchError((error: unknown) =>
      of({
        frames: [],
        notices: [{ severity: 'warning', text: `Change markers are missing. ${failureOf(error).message}` } as const],
      }),
    ),
  );
}
