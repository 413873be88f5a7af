import type { DataFrame } from '@grafana/data';
import { forkJoin, map, type Observable, of } from 'rxjs';
import type { VolumeAnswer } from '../api/contract';
import { emptyVolume, volumeFrames } from '../frames/volume';
import { conditionsOf, environmentsOf } from '../query/conditions';
import type { RequestsQuery } from '../query/model';
import type { Asked } from './asked';
import { type Answer, executedOf, type Part, type RunContext } from './context';
import { markersOver } from './markers';
import { intervalOf, rangeOf } from './range';

/** More than there are outcomes, so that none of them is counted among the others. */
const ALL_OUTCOMES = 20;

/** The histogram over Explore's list: requests by class of outcome over the whole range, with the changes over it. */
export function runVolume(query: RequestsQuery, asked: Asked, context: RunContext): Observable<Answer> {
  const { notices, ...range } = rangeOf(asked);
  const options = { ...context, ...asked };
  const body = {
    ...range,
    ...conditionsOf(query, options),
    intervalMs: intervalOf(asked, range),
    groupBy: ['outcome'],
    topN: ALL_OUTCOMES,
  };
  const environments = environmentsOf(query.environment, options);
  const markers: Observable<Part> = context.visibility.markers
    ? markersOver(query.refId, environments, asked, context, { named: context.visibility.names })
    : of({ frames: [], notices: [] });
  return forkJoin([context.client.volume(body), markers]).pipe(
    map(([answer, over]) => ({
      frames: [...barsUnder(over.frames.length > 0, answer, query.refId, range), ...over.frames],
      notices: [...notices, ...over.notices],
      executed: executedOf('requests/volume', body),
    })),
  );
}

/** With markers at least one frame of bars, of no height where there is no request: Explore draws nothing without bars. */
function barsUnder(
  isMarked: boolean,
  answer: VolumeAnswer,
  refId: string,
  { from }: { readonly from: number },
): readonly DataFrame[] {
  const bars = volumeFrames(answer, refId);
  return bars.length > 0 || !isMarked
    ? bars
    : [emptyVolume(answer.buckets.length > 0 ? answer.buckets : [from], refId)];
}
