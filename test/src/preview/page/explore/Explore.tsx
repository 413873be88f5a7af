import { css } from '@emotion/css';
import {
  CoreApp,
  type DataSourceWithToggleableQueryFiltersSupport,
  type GrafanaTheme2,
  type QueryResultMetaNotice,
  type TimeRange,
  type ToggleFilterAction,
} from '@grafana/data';
import type { DataQuery } from '@grafana/schema';
import { Alert, Button, PanelChrome, ToolbarButton, useStyles2 } from '@grafana/ui';
import { useCallback, useMemo, useRef, useState } from 'react';
import { LogList } from '../logs/LogList.tsx';
import { type LogRow, logRows } from '../logs/logRows.ts';
import { useHost } from '../run/contextOf.ts';
import { rangeInAddress } from '../run/rangeInAddress.ts';
import { absoluteRange, requestOf } from '../run/runQueries.ts';
import { useAnswer } from '../run/useAnswer.ts';
import { Notices } from '../shell/Notices.tsx';
import { RangeControls } from '../shell/RangeControls.tsx';
import { useWidth } from '../shell/useWidth.ts';
import { ContextPane } from './ContextPane.tsx';
import { Opened, type OpenedQuery } from './Opened.tsx';
import { QueryRow } from './QueryRow.tsx';
import { Results } from './Results.tsx';
import { useOpenLink } from './useOpenLink.ts';
import { Volume } from './Volume.tsx';
import { volumeRequest } from './volumeRequest.ts';

const NOT_FOR_VIEWERS: QueryResultMetaNotice = {
  severity: 'info',
  text: 'Grafana itself opens Explore to Editors and Administrators only; Viewers see the same on dashboards.',
};

/** Explore of a Grafana as far as its packages draw it: query, histogram with the changes over it, and log list. */
export function Explore({ parameters }: { readonly parameters: string }) {
  const styles = useStyles2(getStyles);
  const { boot, datasource } = useHost();
  const [query, setQuery] = useState<DataQuery>(() => ({
    refId: 'A',
    ...datasource.getDefaultQuery?.(CoreApp.Explore),
    ...queryIn(parameters),
  }));
  const [asked, setAsked] = useState<DataQuery>(query);
  const [range, setRange] = useState<TimeRange>(() => rangeInAddress(parameters));
  const [live, setLive] = useState(false);
  const [levels, setLevels] = useState<readonly string[]>([]);
  const [opened, setOpened] = useState<OpenedQuery>();
  const [around, setAround] = useState<LogRow>();
  const { ref, width } = useWidth();

  // A query without conditions would else be asked before the page knows how wide it is.
  const request = useMemo(
    () => (width === 0 ? undefined : requestOf({ targets: [asked], range, app: CoreApp.Explore, width, live })),
    [asked, range, live, width === 0],
  );
  const histogram = useMemo(
    () => (request === undefined || live ? undefined : volumeRequest(datasource, request)),
    [datasource, request, live],
  );
  const result = useAnswer(datasource, request);
  const volume = useAnswer(datasource, histogram);
  const rows = useMemo(() => logRows(result.frames, datasource), [result.frames, datasource]);
  const shown = levels.length === 0 ? rows : rows.filter(({ level }) => levels.includes(level));

  // Editors change and run in one go, before anything is drawn anew.
  const latest = useRef(query);
  const edit = useCallback((next: DataQuery) => {
    latest.current = next;
    setQuery(next);
  }, []);
  const run = useCallback(
    (next: DataQuery) => {
      edit(next);
      setAsked(next);
    },
    [edit],
  );
  const zoom = useCallback((from: number, to: number) => setRange(absoluteRange(from, to)), []);
  const toggleLevel = useCallback(
    (level: string) => setLevels((chosen) => (chosen.length === 1 && chosen[0] === level ? [] : [level])),
    [],
  );

  const open = useCallback((title: string, linked: DataQuery) => setOpened({ title, query: linked }), []);
  const openLink = useOpenLink(open);

  const source = datasource as unknown as DataSourceWithToggleableQueryFiltersSupport<DataQuery>;
  const filter = (type: 'FILTER_FOR' | 'FILTER_OUT', key: string, value: string, row: LogRow) =>
    run(source.toggleQueryFilter(query, { type, options: { key, value }, frame: row.frame } as ToggleFilterAction));
  const isFiltered = (key: string, value: string) => source.queryHasFilter(query, { key, value });

  return (
    <div className={styles.page} data-testid="explore">
      <div className={styles.toolbar}>
        <h1>Explore</h1>
        <span className={styles.source}>{datasource.name}</span>
        <span className={styles.space} />
        {live ? null : (
          <RangeControls
            range={range}
            onRange={setRange}
            refresh="Run query"
            onRefresh={() => setAsked({ ...latest.current })}
          />
        )}
        <ToolbarButton
          icon={live ? 'square-shape' : 'play'}
          variant={live ? 'active' : 'canvas'}
          onClick={() => setLive(!live)}
        >
          {live ? 'Stop' : 'Live'}
        </ToolbarButton>
      </div>
      <QueryRow query={query} range={range} onChange={edit} onRun={() => setAsked({ ...latest.current })} />
      <div ref={ref}>
        {result.errors.map((text) => (
          <Alert key={text} severity="error" title={text} />
        ))}
        <Notices notices={[...(boot.role === 'Viewer' ? [NOT_FOR_VIEWERS] : []), ...result.notices]} />
        {volume.failure !== undefined && (
          <Alert severity="warning" title="Failed to load log volume for this query">
            {volume.failure}
          </Alert>
        )}
        {histogram !== undefined && volume.failure === undefined && rows.length > 0 && (
          <PanelChrome title="Logs volume" width={width} height={230} padding="md">
            {(inner, height) => (
              <Volume
                result={volume}
                range={range}
                width={inner}
                height={height}
                levels={levels}
                onZoom={zoom}
                onLevel={toggleLevel}
                onOpen={openLink}
              />
            )}
          </PanelChrome>
        )}
        {(rows.length > 0 || live) && (
          <section className={styles.logs} aria-label="Logs">
            <header className={styles.logsHeader}>
              <h2>{live ? 'Live' : 'Logs'}</h2>
              <span role="status">
                {shown.length === rows.length ? `${rows.length} rows` : `${shown.length} of ${rows.length} rows`}
              </span>
              {levels.length > 0 && (
                <Button size="sm" variant="secondary" fill="text" icon="times" onClick={() => setLevels([])}>
                  Only {levels.join(', ')}
                </Button>
              )}
            </header>
            <LogList
              rows={shown}
              searchWords={result.frames.flatMap(
                ({ meta }) => (meta?.custom?.searchWords as string[] | undefined) ?? [],
              )}
              isFiltered={isFiltered}
              onFilter={filter}
              onOpen={open}
              onContext={setAround}
            />
          </section>
        )}
        {rows.length === 0 && (
          <Results result={result} range={range} width={width} height={TALL} onZoom={zoom} onOpen={open} />
        )}
      </div>
      {around !== undefined && (
        <ContextPane row={around} query={asked} onOpen={setOpened} onClose={() => setAround(undefined)} />
      )}
      {opened !== undefined && <Opened opened={opened} range={range} onClose={() => setOpened(undefined)} />}
    </div>
  );
}

/** Pixels of a table that is all there is on the page. */
const TALL = 1200;

/** Part of a query in the address, as JSON; what cannot be read is left out, and the editor shows what is asked. */
function queryIn(parameters: string): Partial<DataQuery> {
  try {
    const read: unknown = JSON.parse(new URLSearchParams(parameters).get('query') ?? '{}');
    return read !== null && typeof read === 'object' ? read : {};
  } catch {
    return {};
  }
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1), padding: theme.spacing(1, 2, 2) }),
  toolbar: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(1),
    '& h1': { margin: 0, fontSize: theme.typography.h4.fontSize },
  }),
  source: css({ color: theme.colors.text.secondary }),
  space: css({ flex: 1 }),
  logs: css({
    marginTop: theme.spacing(1),
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
  }),
  logsHeader: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(1.5),
    minHeight: 40,
    padding: theme.spacing(0.5, 1.5),
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    '& h2': { margin: 0, fontSize: theme.typography.h6.fontSize, color: theme.colors.text.primary },
  }),
});
