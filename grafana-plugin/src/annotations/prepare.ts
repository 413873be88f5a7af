import type { AnnotationQuery } from '@grafana/data';
import { DEFAULTS } from '../query/defaults';
import { migrate } from '../query/migrate';
import type { ChangesQuery, MarkersQuery, ObservabilityQuery } from '../query/model';

/** Queries that are drawn as annotations. */
export type AnnotatedQuery = ChangesQuery | MarkersQuery;

type Annotation = AnnotationQuery<ObservabilityQuery>;

const REF_ID = 'Anno';

/**
 * A saved annotation with a query that can be drawn. Where nothing is to be changed the same object comes back: of a
 * fresh one each time Grafana's page of annotations renders itself for ever.
 */
export function prepareAnnotation(saved: Annotation): Annotation {
  const target = annotatedQuery(saved.target);
  return target === saved.target ? saved : { ...saved, target };
}

function annotatedQuery(target: ObservabilityQuery | undefined): ObservabilityQuery {
  if (target === undefined) return { refId: REF_ID, ...DEFAULTS.markers };
  if (typeof target.version === 'number' && target.version > DEFAULTS.markers.version) return target;
  const query = migrate(target);
  return isAnnotated(query) ? query : { refId: query.refId ?? REF_ID, ...DEFAULTS.markers };
}

const isAnnotated = (query: ObservabilityQuery): query is AnnotatedQuery =>
  query.queryType === 'changes' || query.queryType === 'markers';

/** The query to run; nothing for one that draws nothing. */
export function prepareQuery({ target }: Annotation): ObservabilityQuery | undefined {
  return target !== undefined && isAnnotated(target) ? { ...target, refId: REF_ID } : undefined;
}
