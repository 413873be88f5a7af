import {
  type DataFrame,
  type DataTransformerConfig,
  standardTransformers,
  standardTransformersRegistry,
  transformDataFrame,
} from '@grafana/data';
import type { ReactNode } from 'react';

// Grafana fills its registry at start with these and with their editors, which nobody needs here.
standardTransformersRegistry.setInit(() =>
  Object.values(standardTransformers).map((transformation) => ({
    id: transformation.id,
    name: transformation.name,
    transformation: () => Promise.resolve(transformation),
    editor: () => null as ReactNode,
    imageDark: '',
    imageLight: '',
  })) as never,
);

/** Frames after the transformations of a panel. Grafana's own work without waiting, so that nothing is drawn twice. */
export function transformed(
  frames: readonly DataFrame[],
  transformations: readonly DataTransformerConfig[] = [],
): DataFrame[] {
  if (transformations.length === 0 || frames.length === 0) return [...frames];
  let result: DataFrame[] = [...frames];
  transformDataFrame([...transformations], [...frames])
    .subscribe((next) => {
      result = next;
    })
    .unsubscribe();
  return result;
}
