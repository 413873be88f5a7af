import { type DataFrame, FieldType, type GrafanaTheme2, type TimeRange } from '@grafana/data';
import { useTheme2 } from '@grafana/ui';
import { useMemo } from 'react';
import { Chart } from '../chart/Chart.tsx';
import type { OpenLink } from '../chart/MarkerTooltip.tsx';
import { markersOf } from '../chart/markersOf.ts';
import { prepareFields, STACKED_BARS } from '../chart/prepareFields.ts';
import { LEVEL_COLOURS } from '../logs/LogList.tsx';
import type { PanelResult } from '../run/runQueries.ts';

interface Props {
  readonly result: PanelResult;
  readonly range: TimeRange;
  readonly width: number;
  readonly height: number;
  /** Levels that are shown; none is all. */
  readonly levels: readonly string[];
  readonly onZoom: (from: number, to: number) => void;
  readonly onLevel: (level: string) => void;
  readonly onOpen: OpenLink;
}

/** Requests by level over the whole range, with the changes over them, as `LogsVolumePanelList` draws them. */
export function Volume({ result, range, width, height, levels, onZoom, onLevel, onOpen }: Props) {
  const theme = useTheme2();
  const frames = useMemo(() => barsOf(result.frames, levels, theme), [result.frames, levels, theme]);
  const markers = useMemo(() => markersOf(result.annotations), [result.annotations]);
  if (frames.length === 0) return null;
  return (
    <Chart
      frames={frames}
      markers={markers}
      range={range}
      width={width}
      height={height}
      onZoom={onZoom}
      onLegend={onLevel}
      onOpen={onOpen}
    />
  );
}

function barsOf(frames: readonly DataFrame[], levels: readonly string[], theme: GrafanaTheme2): DataFrame[] {
  // The level of a frame stands in the label of its first number field.
  const levelOf = (frame: DataFrame) => frame.fields.find(({ type }) => type === FieldType.number)?.labels?.level;
  const coloured = frames.map((frame) => {
    const level = levelOf(frame) ?? 'unknown';
    const colour = LEVEL_COLOURS[level] ?? '#8e8e8e';
    const hidden = levels.length > 0 && !levels.includes(level);
    return {
      ...frame,
      fields: frame.fields.map((field) =>
        field.type === FieldType.number
          ? {
              ...field,
              config: {
                ...field.config,
                color: { mode: 'fixed', fixedColor: colour },
                decimals: 0,
                min: 0,
                custom: { hideFrom: { viz: hidden, legend: false, tooltip: hidden } },
              },
            }
          : field,
      ),
    };
  });
  return prepareFields(coloured, {}, theme, STACKED_BARS);
}
