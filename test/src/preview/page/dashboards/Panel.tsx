import { css } from '@emotion/css';
import { CoreApp, type GrafanaTheme2, LoadingState, type TimeRange } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';
import { PanelChrome, useStyles2 } from '@grafana/ui';
import { useMemo } from 'react';
import { type DrawnMarker, markersOf } from '../chart/markersOf.ts';
import { templates } from '../grafana/singletons.ts';
import { useHost } from '../run/contextOf.ts';
import { requestOf } from '../run/runQueries.ts';
import { useAnswer } from '../run/useAnswer.ts';
import type { PanelJson, placeOf } from './dashboardJson.ts';
import { PanelBody } from './PanelBody.tsx';
import { useTransformed } from './useTransformed.ts';
import type { Variable } from './useVariables.ts';

interface Props {
  readonly panel: PanelJson;
  readonly place: ReturnType<typeof placeOf>;
  readonly range: TimeRange;
  readonly variables: readonly Variable[];
  readonly markers: readonly DrawnMarker[];
  readonly onZoom: (from: number, to: number) => void;
  readonly onOpen: (title: string, query: DataQuery) => void;
}

/** One panel in its place: asked again with every range and every choice. */
export function Panel({ panel, place, range, variables, markers, onZoom, onOpen }: Props) {
  const styles = useStyles2(getStyles);
  const { datasource } = useHost();
  const { targets = [], transformations, type, scopedVars = NO_VARS } = panel;
  const request = useMemo(
    () =>
      targets.length === 0
        ? undefined
        : requestOf({
            targets: targets.map((target, at) => ({ ...target, refId: target.refId ?? String.fromCharCode(65 + at) })),
            range,
            app: CoreApp.Dashboard,
            width: panel.maxDataPoints ?? place.width,
            scopedVars,
          }),
    // What is chosen goes into the queries through the template service.
    [targets, range, variables, scopedVars, panel.maxDataPoints, place.width],
  );
  const result = useAnswer(datasource, request);
  const frames = useTransformed(result.frames, transformations);
  const over = useMemo(() => [...markers, ...markersOf(result.annotations)], [markers, result.annotations]);
  const title = templates.replace(panel.title ?? '', scopedVars);
  if (type === 'row') {
    return (
      <h2 className={styles.row} style={place}>
        {title}
      </h2>
    );
  }
  const [failed] = result.errors;
  const notices = result.notices.map(({ text }) => text).join(' ');
  const description = [panel.description, notices].filter((text) => text !== undefined && text !== '').join('\n\n');
  return (
    <div className={styles.panel} style={place} data-panel={title}>
      <PanelChrome
        title={title}
        {...(title === '' ? { hoverHeader: true } : {})}
        width={place.width}
        height={place.height}
        padding={type === 'table' || type === 'logs' ? 'none' : 'md'}
        loadingState={result.state === LoadingState.Loading ? LoadingState.Loading : LoadingState.Done}
        {...(description === '' ? {} : { description })}
        {...(failed === undefined ? {} : { statusMessage: failed })}
      >
        {(width, height) =>
          failed !== undefined ? (
            <p className={styles.failed}>{failed}</p>
          ) : (
            <PanelBody
              panel={panel}
              frames={frames}
              state={result.state}
              markers={over}
              range={range}
              width={width}
              height={height}
              onZoom={onZoom}
              onOpen={onOpen}
            />
          )
        }
      </PanelChrome>
    </div>
  );
}

const NO_VARS = {};

const getStyles = (theme: GrafanaTheme2) => ({
  panel: css({ position: 'absolute' }),
  row: css({
    position: 'absolute',
    display: 'flex',
    alignItems: 'center',
    margin: 0,
    fontSize: theme.typography.h5.fontSize,
    fontWeight: theme.typography.fontWeightMedium,
  }),
  failed: css({ padding: theme.spacing(2), color: theme.colors.text.secondary, textAlign: 'center' }),
});
