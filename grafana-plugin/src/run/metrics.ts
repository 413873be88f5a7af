import { forkJoin, map, type Observable, of } from 'rxjs';
import { seriesFrames, totalFrame } from '../frames/metrics';
import { conditionsOf, environmentsOf } from '../query/conditions';
import type { MetricsQuery } from '../query/model';
import type { Asked } from './asked';
import { type Answer, executedOf, type Part, type RunContext } from './context';
import { markersOver } from './markers';
import { intervalOf, rangeOf } from './range';

/** Measures over time with the changes over them, or one number a group for the whole range. */
export function runMetrics(query: MetricsQuery, asked: Asked, context: RunContext): Observable<Answer> {
  const { refId, measures, groupBy, topN, shape, withMarkers } = query;
  const { notices, ...range } = rangeOf(asked);
  const options = { ...context, ...asked };
  const body = {
    ...range,
    ...conditionsOf(query, options),
    measures: [...measures],
    groupBy: [...groupBy],
    topN,
    ...(shape === 'series' ? { intervalMs: intervalOf(asked, range) } : {}),
  };
  // Names stay out of dashboards, whose snapshots others may see.
  const markers: Observable<Part> =
    withMarkers && shape === 'series'
      ? markersOver(refId, environmentsOf(query.environment, options), asked, context, { named: false })
      : of({ frames: [], notices: [] });
  return forkJoin([context.client.metrics(body), markers]).pipe(
    map(([answer, over]) => ({
      frames: [
        ...(shape === 'series' ? seriesFrames(answer, groupBy, refId) : [totalFrame(answer, groupBy, refId)]),
        ...over.frames,
      ],
      notices: [...notices, ...over.notices],
      executed: executedOf('requests/metrics', body),
    })),
  );
}
