import type { AnnotationQuery } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { DEFAULTS } from '../query/defaults';
import type { ObservabilityQuery } from '../query/model';
import { prepareAnnotation, prepareQuery } from './prepare';

const annotation = (target?: ObservabilityQuery): AnnotationQuery<ObservabilityQuery> => ({
  name: 'Changes',
  enable: true,
  iconColor: 'blue',
  ...(target === undefined ? {} : { target }),
});

describe('an annotation of a dashboard', () => {
  it('draws neutral markers when it is new', () => {
    expect(prepareAnnotation(annotation()).target).toMatchObject({ queryType: 'markers' });
  });

  it('stays the same object when there is nothing to change', () => {
    const once = prepareAnnotation(annotation());
    expect(prepareAnnotation(once)).toBe(once);
    const changes = annotation({ refId: 'Anno', ...DEFAULTS.changes, kinds: ['model'] });
    expect(prepareAnnotation(changes)).toBe(changes);
  });

  it('of a query that draws nothing becomes one of markers', () => {
    const requests = annotation({ refId: 'Anno', ...DEFAULTS.requests });
    expect(prepareQuery(requests)).toBeUndefined();
    expect(prepareQuery(prepareAnnotation(requests))).toMatchObject({ refId: 'Anno', queryType: 'markers' });
  });
});
