import { css } from '@emotion/css';
import type { GrafanaTheme2, TimeRange } from '@grafana/data';
import { Alert, useStyles2 } from '@grafana/ui';
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { OpenedQuery } from '../explore/Opened.tsx';
import { Opened } from '../explore/Opened.tsx';
import { useHost } from '../run/contextOf.ts';
import { rangeInAddress } from '../run/rangeInAddress.ts';
import { absoluteRange } from '../run/runQueries.ts';
import { RangeControls } from '../shell/RangeControls.tsx';
import { useWidth } from '../shell/useWidth.ts';
import { type DashboardJson, panelsOf, placeOf } from './dashboardJson.ts';
import { Panel } from './Panel.tsx';
import { useAnnotations } from './useAnnotations.ts';
import { useVariables, valuesOf } from './useVariables.ts';
import { VariableBar } from './VariableBar.tsx';

interface Props {
  /** Name of a file of the plugin. */
  readonly file: string;
  /** Behind the `?` of the address. */
  readonly parameters: string;
}

/** One of the plugin's dashboards, with as many of its panels as Grafana's packages draw. */
export function Dashboard({ file, parameters }: Props) {
  const styles = useStyles2(getStyles);
  const { boot } = useHost();
  const [json, setJson] = useState<DashboardJson>();
  const [failure, setFailure] = useState<string>();
  const [range, setRange] = useState<TimeRange>(() => rangeInAddress(parameters));
  const [opened, setOpened] = useState<OpenedQuery>();
  const { ref, width } = useWidth();
  useEffect(() => {
    let left = false;
    fetch(`/public/plugins/${boot.plugin.id}/${file}`)
      .then(async (answer) => {
        if (!answer.ok) throw new Error(`${file} is not in the plugin.`);
        const read = (await answer.json()) as DashboardJson;
        if (!left) setJson(read);
      })
      .catch((error: unknown) => setFailure(error instanceof Error ? error.message : 'The dashboard cannot be read.'));
    return () => {
      left = true;
    };
  }, [boot, file]);
  const { variables, ready, choose } = useVariables(
    json?.templating?.list ?? (json === undefined ? undefined : NONE),
    range,
    parameters,
  );
  const markers = useAnnotations(json?.annotations?.list, range, ready);
  const zoom = useCallback((from: number, to: number) => setRange(absoluteRange(from, to)), []);
  const panels = useMemo(
    () => (json === undefined ? [] : panelsOf(json, (name) => valuesOf(variables, name))),
    [json, variables],
  );
  const bottom = Math.max(0, ...panels.map((panel) => placeOf(panel, 1000).top + placeOf(panel, 1000).height));
  return (
    <div className={styles.page} data-testid="dashboard">
      {failure !== undefined && <Alert severity="error" title={failure} />}
      <h1 className={styles.title}>{json?.title ?? ''}</h1>
      <div className={styles.bar}>
        <VariableBar variables={variables} onChoose={choose} />
        <RangeControls range={range} onRange={setRange} refresh="Refresh" />
      </div>
      <div ref={ref} className={styles.grid} style={{ height: bottom }}>
        {ready &&
          width > 0 &&
          panels.map((panel, at) => (
            <Panel
              key={panel.id ?? at}
              panel={panel}
              place={placeOf(panel, width)}
              range={range}
              variables={variables}
              markers={markers}
              onZoom={zoom}
              onOpen={(title, query) => setOpened({ title, query })}
            />
          ))}
      </div>
      {opened !== undefined && <Opened opened={opened} range={range} onClose={() => setOpened(undefined)} />}
    </div>
  );
}

const NONE: readonly never[] = [];

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ padding: theme.spacing(1, 2, 2) }),
  title: css({ margin: theme.spacing(0, 0, 1), fontSize: theme.typography.h4.fontSize }),
  bar: css({ display: 'flex', gap: theme.spacing(1), alignItems: 'center', marginBottom: theme.spacing(1) }),
  grid: css({ position: 'relative' }),
});
