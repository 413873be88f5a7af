import { css } from '@emotion/css';
import {
  type DataFrame,
  type GrafanaTheme2,
  getDisplayValueAlignmentFactors,
  getFieldDisplayValues,
  LoadingState,
  type ReduceDataOptions,
  renderMarkdown,
  type TimeRange,
} from '@grafana/data';
import { type GraphFieldConfig, LegendDisplayMode, type VizLegendOptions, VizOrientation } from '@grafana/schema';
import {
  BigValue,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  useStyles2,
  useTheme2,
  VizRepeater,
} from '@grafana/ui';
import { type ReactNode, useMemo } from 'react';
import type { OrgRole } from '../../proxy/pluginRoutes.ts';
import { Chart } from '../chart/Chart.tsx';
import type { DrawnMarker } from '../chart/markersOf.ts';
import { type FieldConfigSource, LINES, prepareFields } from '../chart/prepareFields.ts';
import { useOpenLink } from '../explore/useOpenLink.ts';
import { templates } from '../grafana/singletons.ts';
import type { RowActions } from '../logs/LogDetails.tsx';
import { LogList } from '../logs/LogList.tsx';
import { type LogRow, logRows } from '../logs/logRows.ts';
import { TraceView } from '../logs/TraceView.tsx';
import { useHost } from '../run/contextOf.ts';
import { BarsBody } from './BarsBody.tsx';
import type { PanelJson } from './dashboardJson.ts';
import { FrameTable } from './FrameTable.tsx';

interface Props {
  readonly panel: PanelJson;
  readonly frames: readonly DataFrame[];
  readonly state: LoadingState;
  readonly markers: readonly DrawnMarker[];
  readonly range: TimeRange;
  readonly width: number;
  readonly height: number;
  readonly onZoom: (from: number, to: number) => void;
  readonly onOpen: RowActions['onOpen'];
}

/** What is inside a panel, by its type. */
export function PanelBody(props: Props) {
  const styles = useStyles2(getStyles);
  const { boot, datasource } = useHost();
  const { panel, frames, state, markers, width, height, onOpen } = props;
  const [frame] = frames;
  if (panel.type === 'text') {
    const html = renderMarkdown(templates.replace(String(panel.options?.content ?? '')));
    return <div className={`markdown-html ${styles.text}`} dangerouslySetInnerHTML={{ __html: html }} />;
  }
  const empty = frames.every(({ length }) => length === 0);
  // Markers over an empty plot still say when something changed.
  if (empty && !(panel.type === 'timeseries' && markers.length > 0)) {
    return <p className={styles.none}>{state === LoadingState.Loading ? '' : 'No data'}</p>;
  }
  switch (panel.type) {
    case 'barchart':
      return <BarsBody {...props} />;
    case 'timeseries':
      return <SeriesBody {...props} />;
    case 'stat':
    case 'gauge':
    case 'bargauge':
      return <StatBody {...props} />;
    case 'table':
      return frame === undefined ? null : (
        <FrameTable
          frame={frame}
          width={width}
          height={height}
          fieldConfig={panel.fieldConfig ?? NO_CONFIG}
          onOpen={onOpen}
          withoutExplore={boot.role === 'Viewer'}
        />
      );
    case 'logs':
      return (
        <Scrolled height={height} label={panel.title ?? 'Logs'}>
          <LogList rows={withoutExplore(boot.role, logRows(frames, datasource))} onOpen={onOpen} />
        </Scrolled>
      );
    case 'traces':
      return frame === undefined ? null : (
        <Scrolled height={height} label={panel.title ?? 'Trace'}>
          <TraceView frame={frames.find(({ meta }) => meta?.preferredVisualisationType === 'trace') ?? frame} />
        </Scrolled>
      );
    default:
      return (
        <p className={styles.none}>Grafana itself draws this panel ({panel.type}); its packages do not hold it.</p>
      );
  }
}

const NO_CONFIG: FieldConfigSource = {};

/** On dashboards Grafana leaves out links to queries for who has no Explore. */
const withoutExplore = (role: OrgRole, rows: readonly LogRow[]): readonly LogRow[] =>
  role === 'Viewer'
    ? rows.map((row) => ({ ...row, links: row.links.filter(({ query }) => query === undefined) }))
    : rows;

function Scrolled({ height, label, children }: { height: number; label: string; children: ReactNode }) {
  const styles = useStyles2(getStyles);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable without a mouse
    <section className={styles.scrolled} style={{ height }} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}

function SeriesBody({ panel, frames, markers, range, width, height, onZoom, onOpen }: Props) {
  const theme = useTheme2();
  const openLink = useOpenLink(onOpen);
  const prepared = useMemo(
    () => prepareFields(frames, panel.fieldConfig ?? NO_CONFIG, theme, LINES as GraphFieldConfig),
    [frames, panel.fieldConfig, theme],
  );
  const legend = (panel.options?.legend ?? {}) as Partial<VizLegendOptions>;
  const { multiLane = false } = (panel.options?.annotations ?? {}) as { readonly multiLane?: boolean };
  return (
    <Chart
      frames={prepared}
      markers={markers}
      lanes={multiLane}
      range={range}
      width={width}
      height={height}
      onZoom={onZoom}
      onOpen={openLink}
      legend={{
        displayMode: legend.displayMode ?? LegendDisplayMode.List,
        placement: legend.placement ?? 'bottom',
        showLegend: legend.showLegend ?? true,
        calcs: legend.calcs ?? [],
      }}
    />
  );
}

function StatBody({ panel, frames, width, height }: Props) {
  const theme = useTheme2();
  const values = useMemo(() => {
    const prepared = prepareFields(frames, panel.fieldConfig ?? NO_CONFIG, theme);
    const reduceOptions = (panel.options?.reduceOptions ?? { calcs: ['lastNotNull'] }) as ReduceDataOptions;
    return getFieldDisplayValues({
      data: prepared,
      fieldConfig: { defaults: panel.fieldConfig?.defaults ?? {}, overrides: [] },
      reduceOptions,
      replaceVariables: (text) => templates.replace(text),
      theme,
      timeZone: 'browser',
      sparkline: panel.options?.graphMode === 'area',
    });
  }, [frames, panel, theme]);
  return (
    <VizRepeater
      width={width}
      height={height}
      source={values}
      getValues={() => values}
      renderCounter={0}
      orientation={(panel.options?.orientation as VizOrientation | undefined) ?? VizOrientation.Auto}
      autoGrid
      getAlignmentFactors={(all) => getDisplayValueAlignmentFactors(all)}
      renderValue={({ value, width: inner, height: high, alignmentFactors }) => (
        <BigValue
          value={value.display}
          {...(alignmentFactors === undefined ? {} : { alignmentFactors })}
          width={inner}
          height={high}
          theme={theme}
          {...(value.sparkline === undefined ? {} : { sparkline: value.sparkline })}
          colorMode={(panel.options?.colorMode as BigValueColorMode | undefined) ?? BigValueColorMode.Value}
          graphMode={value.sparkline === undefined ? BigValueGraphMode.None : BigValueGraphMode.Area}
          textMode={(panel.options?.textMode as BigValueTextMode | undefined) ?? BigValueTextMode.Auto}
        />
      )}
    />
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  none: css({ padding: theme.spacing(3), textAlign: 'center', color: theme.colors.text.secondary }),
  scrolled: css({ overflow: 'auto' }),
  text: css({ padding: theme.spacing(0.5) }),
});
