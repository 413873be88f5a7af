import type { DataFrame } from '@grafana/data';
import { useTheme2 } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { useMemo } from 'react';
import { type FieldConfigSource, prepareFields } from '../chart/prepareFields.ts';

interface Props {
  readonly frame: DataFrame;
  readonly width: number;
  readonly height: number;
  readonly fieldConfig: FieldConfigSource;
}

/** One frame in Grafana's table. */
export function FrameTable({ frame, width, height, fieldConfig }: Props) {
  const theme = useTheme2();
  const [prepared] = useMemo(() => prepareFields([frame], fieldConfig, theme), [frame, fieldConfig, theme]);
  if (prepared === undefined || width <= 0 || height <= 0) return null;
  return <TableNG data={prepared} width={width} height={height} columnMinWidth={90} />;
}
