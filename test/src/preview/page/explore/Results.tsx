import { type DataFrame, FieldType, type TimeRange } from '@grafana/data';
import { PanelChrome, useTheme2 } from '@grafana/ui';
import { useMemo } from 'react';
import { Chart } from '../chart/Chart.tsx';
import { markersOf } from '../chart/markersOf.ts';
import { prepareFields, LINES as SERIES } from '../chart/prepareFields.ts';
import { FrameTable } from '../dashboards/FrameTable.tsx';
import type { RowActions } from '../logs/LogDetails.tsx';
import { LogList } from '../logs/LogList.tsx';
import { logRows } from '../logs/logRows.ts';
import { TraceView } from '../logs/TraceView.tsx';
import { useHost } from '../run/contextOf.ts';
import type { PanelResult } from '../run/runQueries.ts';
import { useOpenLink } from './useOpenLink.ts';

interface Props {
  readonly result: PanelResult;
  readonly range: TimeRange;
  readonly width: number;
  /** Pixels that a table may take; more scrolls. */
  readonly height?: number;
  readonly onZoom?: (from: number, to: number) => void;
  readonly onOpen: RowActions['onOpen'];
}

/** Frames other than log lines, each as its `preferredVisualisationType` says. */
export function Results({ result, range, width, height = 480, onZoom, onOpen }: Props) {
  const theme = useTheme2();
  const { datasource } = useHost();
  const openLink = useOpenLink(onOpen);
  const { frames, annotations } = result;
  const graphs = useMemo(
    () => prepareFields(ofType(frames, 'graph'), {}, theme, { ...SERIES, fillOpacity: 10 }),
    [frames, theme],
  );
  const markers = useMemo(() => markersOf(annotations), [annotations]);
  const rows = useMemo(() => logRows(frames, datasource), [frames, datasource]);
  if (width === 0) return null;
  return (
    <>
      {rows.length > 0 && <LogList rows={rows} onOpen={onOpen} />}
      {graphs.length > 0 && (
        <PanelChrome title="Graph" width={width} height={360} padding="md">
          {(inner, height) => (
            <Chart
              frames={graphs}
              markers={markers}
              range={range}
              width={inner}
              height={height}
              onOpen={openLink}
              {...(onZoom === undefined ? {} : { onZoom })}
            />
          )}
        </PanelChrome>
      )}
      {ofType(frames, 'trace').map((frame, at) => (
        <PanelChrome key={`trace-${at}`} title="Trace">
          <TraceView frame={frame} />
        </PanelChrome>
      ))}
      {ofType(frames, 'table').map((frame, at) => (
        <PanelChrome key={`table-${at}`} title="Table" width={width} height={tableHeight(frame, height)} padding="none">
          {(inner, high) => (
            <FrameTable frame={frame} width={inner} height={high} fieldConfig={NO_CONFIG} onOpen={onOpen} />
          )}
        </PanelChrome>
      ))}
    </>
  );
}

const NO_CONFIG = {};

/** Texts that wrap take several lines, of which nobody knows how many before they are drawn. */
const LINE = 36;
const LINES = 3;

function tableHeight({ fields, length }: DataFrame, most: number): number {
  const wraps = fields.some(({ config }) => (config.custom as { wrapText?: boolean } | undefined)?.wrapText === true);
  return Math.min(most, 90 + length * LINE * (wraps ? LINES : 1));
}

function ofType(frames: readonly DataFrame[], type: string): DataFrame[] {
  return frames.filter((frame) => {
    const preferred = frame.meta?.preferredVisualisationType;
    if (preferred !== undefined) return preferred === type;
    const series = frame.fields.some((field) => field.type === FieldType.time);
    return type === (series ? 'graph' : 'table');
  });
}
