import {
  type DataFrame,
  type DataTransformerConfig,
  standardTransformers,
  standardTransformersRegistry,
  transformDataFrame,
} from '@grafana/data';
import { type ReactNode, useEffect, useState } from 'react';

// Grafana fills its registry at start with these and with their editors, which nobody needs here.
standardTransformersRegistry.setInit(
  () =>
    // Two of them do nothing, under one name.
    [...new Map(Object.values(standardTransformers).map((each) => [each.id, each])).values()].map((transformation) => ({
      id: transformation.id,
      name: transformation.name,
      transformation: () => Promise.resolve(transformation),
      editor: () => null as ReactNode,
      imageDark: '',
      imageLight: '',
    })) as never,
);

/** Frames after the transformations of a panel, which are Grafana's own. */
export function useTransformed(
  frames: readonly DataFrame[],
  transformations: readonly DataTransformerConfig[] = NONE,
): readonly DataFrame[] {
  const [result, setResult] = useState<readonly DataFrame[]>(NO_FRAMES);
  useEffect(() => {
    if (transformations.length === 0) return undefined;
    const listening = transformDataFrame([...transformations], [...frames]).subscribe(setResult);
    return () => listening.unsubscribe();
  }, [frames, transformations]);
  return transformations.length === 0 ? frames : result;
}

const NONE: readonly DataTransformerConfig[] = [];
const NO_FRAMES: readonly DataFrame[] = [];
