import { type AnnotationQuery, type AnnotationSupport, CoreApp, type DataFrame, type TimeRange } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';
import { useEffect, useState } from 'react';
import { forkJoin, lastValueFrom, map } from 'rxjs';
import { type DrawnMarker, markersOf } from '../chart/markersOf.ts';
import { useHost } from '../run/contextOf.ts';
import { requestOf, runRequest } from '../run/runQueries.ts';
import type { AnnotationJson } from './dashboardJson.ts';

/**
 * Annotations of a dashboard, as Grafana asks for them and paints them: all of one query in its colour. A failure is
 * silent there as well (a Viewer who may not see them gets none).
 */
export function useAnnotations(
  list: readonly AnnotationJson[] | undefined,
  range: TimeRange,
  ready: boolean,
): readonly DrawnMarker[] {
  const { datasource } = useHost();
  const [markers, setMarkers] = useState<readonly DrawnMarker[]>([]);
  useEffect(() => {
    const asked = (list ?? []).flatMap((json) => {
      if (json.enable === false || json.builtIn === 1 || json.target === undefined) return [];
      const support = datasource.annotations as AnnotationSupport<DataQuery> | undefined;
      const saved = json as AnnotationQuery<DataQuery>;
      const annotation = support?.prepareAnnotation?.(saved) ?? saved;
      const query = support?.prepareQuery?.(annotation) ?? annotation.target;
      if (query === undefined) return [];
      const scopedVars = { __annotation: { text: annotation.name, value: annotation } };
      const request = requestOf({
        targets: [{ ...query, refId: 'Anno' }],
        range,
        app: CoreApp.Dashboard,
        width: window.innerWidth,
        scopedVars,
      });
      return [
        runRequest(datasource, request).pipe(
          map(({ frames, annotations }) => painted([...frames, ...annotations], json.iconColor ?? 'blue')),
        ),
      ];
    });
    if (!ready || asked.length === 0) {
      setMarkers([]);
      return undefined;
    }
    let left = false;
    void lastValueFrom(forkJoin(asked)).then((found) => {
      if (!left) setMarkers(found.flat());
    });
    return () => {
      left = true;
    };
  }, [list, range, ready, datasource]);
  return markers;
}

const painted = (frames: readonly DataFrame[], colour: string) =>
  markersOf(frames).map((marker) => ({ ...marker, colour, links: [], key: `annotation/${marker.key}` }));
