import type { QueryResultMetaNotice } from '@grafana/data';
import { catchError, forkJoin, map, type Observable, of, throwError } from 'rxjs';
import { isRefusal } from '../api/auditAccess';
import type { Marker } from '../api/contract';
import { failureOf } from '../api/failure';
import { changeLinks } from '../frames/links';
import { annotationFrame, type DrawnMarker, laneFrames, markerTable, neutralMarker } from '../frames/markers';
import { namedMarkers } from '../frames/namedMarkers';
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
  const { refId, kinds, limit, shape } = query;
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
      const options = { refId, name: 'change markers', range };
      // A dashboard's annotations are made of one frame.
      const annotations = asked.annotation ? [annotationFrame(drawn, options)] : laneFrames(drawn, options);
      const table = asked.explore || shape === 'table' ? [markerTable(markers, refId, environmentName)] : [];
      return {
        frames: [...table, ...(shape === 'table' && !asked.annotation ? [] : annotations)],
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

interface Drawing {
  readonly notices: readonly QueryResultMetaNotice[];
  readonly drawn: (environmentName: (id: string) => string) => readonly DrawnMarker[];
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
    map(
      ({ markers, notices }): Drawing => ({
        notices,
        drawn: (name) => markers.map((each) => neutralMarker(each, name)),
      }),
    ),
  );
  const withNames = searchChanges(environments, { ...body, order: 'newest' }, context).pipe(
    map(({ changes, notices }): Drawing => ({ notices, drawn: (name) => namedMarkers(changes, name) })),
    catchError((error: unknown) => (isRefusal(error) ? neutral : throwError(() => error))),
  );
  const isNamed = named && context.visibility.names && context.audit.mayBe();
  return forkJoin([isNamed ? withNames : neutral, context.directory.environmentName()]).pipe(
    map(([{ drawn, notices }, environmentName]) => {
      const markers = drawn(environmentName);
      const options = { refId, name: 'change markers', range, links: changeLinks(context.links()) };
      // With any frame of annotations Explore leaves out its own shading of what the list shows.
      return { frames: markers.length === 0 ? [] : laneFrames(markers, options), notices };
    }),
    catchError((error: unknown) =>
      of({
        frames: [],
        notices: [{ severity: 'warning' as const, text: `Change markers are missing. ${failureOf(error).message}` }],
      }),
    ),
  );
}
