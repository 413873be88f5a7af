import type { AnnotationSupport } from '@grafana/data';
import { lazyEditor } from '../editors/lazyEditor';
import type { ObservabilityQuery } from '../query/model';
import { prepareAnnotation, prepareQuery } from './prepare';

/** Annotations of dashboards, by Grafana's own way from frames to events. */
export const annotationSupport: AnnotationSupport<ObservabilityQuery> = {
  prepareAnnotation,
  prepareQuery,
  QueryEditor: lazyEditor(async () => (await import('../editors/AnnotationEditor')).AnnotationEditor),
};
