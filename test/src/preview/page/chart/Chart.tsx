import { css } from '@emotion/css';
import {
  type DataFrame,
  dateTimeFormat,
  EventBusSrv,
  type Field,
  FieldType,
  type GrafanaTheme2,
  getFieldDisplayName,
  type TimeRange,
} from '@grafana/data';
import { LegendDisplayMode, type VizLegendOptions } from '@grafana/schema';
import {
  type PanelContext,
  PanelContextProvider,
  TimeSeries,
  TooltipPlugin2,
  useStyles2,
  useTheme2,
} from '@grafana/ui';
import { useMemo, useState } from 'react';
import { LaneStrip, laneHeight, type PlotPlace } from './LaneStrip.tsx';
import { MarkerLayer } from './MarkerLayer.tsx';
import type { OpenLink } from './MarkerTooltip.tsx';
import type { DrawnMarker } from './markersOf.ts';

interface Props {
  /** Prepared for drawing. */
  readonly frames: DataFrame[];
  readonly markers: readonly DrawnMarker[];
  readonly range: TimeRange;
  readonly width: number;
  readonly height: number;
  readonly legend?: VizLegendOptions;
  readonly onZoom?: (from: number, to: number) => void;
  readonly onLegend?: (label: string) => void;
  readonly onOpen: OpenLink;
  /** Markers in lanes below instead of lines over the plot. */
  readonly lanes?: boolean;
}

/** `TooltipHoverMode.xAll`, a constant that is not exported with the plugin. */
const HOVER_ALL = 1;

const BELOW = {
  displayMode: LegendDisplayMode.List,
  placement: 'bottom',
  showLegend: true,
  calcs: [],
} as const satisfies VizLegendOptions;

/** Grafana's own plot with markers over it. */
export function Chart({
  frames,
  markers,
  range,
  width,
  height,
  legend = BELOW,
  onZoom,
  onLegend,
  onOpen,
  lanes = false,
}: Props) {
  const context = useMemo(
    () =>
      ({
        eventsScope: 'preview',
        eventBus: new EventBusSrv(),
        onToggleSeriesVisibility: (label: string) => onLegend?.(label),
      }) as PanelContext,
    [onLegend],
  );
  const [plot, setPlot] = useState<PlotPlace>();
  const strip = lanes ? laneHeight(markers) : 0;
  return (
    <PanelContextProvider value={context}>
      <TimeSeries
        frames={frames}
        timeRange={range}
        timeZone="browser"
        width={width}
        height={height - strip}
        legend={{ ...legend, calcs: [...legend.calcs] }}
      >
        {(config, aligned) => (
          <>
            <TooltipPlugin2
              config={config}
              hoverMode={HOVER_ALL as never}
              {...(onZoom === undefined ? {} : { queryZoom: ({ from, to }) => onZoom(from, to) })}
              render={(_plot, indexes) => <Values aligned={aligned} frames={frames} indexes={indexes} />}
              maxWidth={400}
            />
            <MarkerLayer config={config} markers={strip > 0 ? NONE : markers} onOpen={onOpen} onPlace={setPlot} />
          </>
        )}
      </TimeSeries>
      {strip > 0 && plot !== undefined && (
        <LaneStrip markers={markers} range={range} width={width} plot={plot} onOpen={onOpen} />
      )}
    </PanelContextProvider>
  );
}

const NONE: readonly DrawnMarker[] = [];

/** Values under the pointer. */
function Values({
  aligned,
  frames,
  indexes,
}: {
  readonly aligned: DataFrame;
  readonly frames: DataFrame[];
  readonly indexes: readonly (number | null)[];
}) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const [timeField, ...fields] = aligned.fields;
  const at = indexes.find((index) => index !== null && index !== undefined);
  if (timeField === undefined || at === undefined || at === null) return null;
  const rows = fields.flatMap((field, place) => {
    const index = indexes[place + 1];
    if (field.type !== FieldType.number || index === null || index === undefined) return [];
    const value: unknown = field.values[index];
    if (value === null || value === undefined) return [];
    return [
      {
        name: getFieldDisplayName(field, aligned, frames),
        shown: textOf(field, value),
        colour: colourOf(field, theme),
      },
    ];
  });
  return (
    <div className={styles.values}>
      <time>{dateTimeFormat(Number(timeField.values[at]), { format: 'YYYY-MM-DD HH:mm:ss' })}</time>
      {rows.map(({ name, shown, colour }) => (
        <div key={name} className={styles.row}>
          <span className={styles.colour} style={{ background: colour }} />
          <span>{name}</span>
          <b>{shown}</b>
        </div>
      ))}
    </div>
  );
}

function textOf(field: Field, value: unknown): string {
  const shown = field.display?.(value);
  return shown === undefined ? String(value) : `${shown.prefix ?? ''}${shown.text}${shown.suffix ?? ''}`;
}

const colourOf = (field: Field, theme: GrafanaTheme2) =>
  field.config.color?.mode === 'fixed'
    ? theme.visualization.getColorByName(field.config.color.fixedColor ?? 'gray')
    : (field.display?.(0).color ?? theme.colors.text.primary);

const getStyles = (theme: GrafanaTheme2) => ({
  values: css({
    padding: theme.spacing(1),
    fontSize: theme.typography.bodySmall.fontSize,
    '& time': { color: theme.colors.text.secondary },
  }),
  row: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(0.75),
    '& b': { marginLeft: 'auto', paddingLeft: theme.spacing(2) },
  }),
  colour: css({ width: 10, height: 4, borderRadius: 2 }),
});
