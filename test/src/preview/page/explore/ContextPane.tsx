import { css } from '@emotion/css';
import {
  type DataQueryResponse,
  type DataSourceWithLogsContextSupport,
  type GrafanaTheme2,
  LogRowContextQueryDirection,
  type LogRowModel,
  toDataFrame,
} from '@grafana/data';
import type { DataQuery } from '@grafana/schema';
import { Alert, Drawer, useStyles2 } from '@grafana/ui';
import { useCallback, useEffect, useState } from 'react';
import { LogList } from '../logs/LogList.tsx';
import { type LogRow, logRows } from '../logs/logRows.ts';
import { useHost } from '../run/contextOf.ts';
import type { OpenedQuery } from './Opened.tsx';

interface Props {
  readonly row: LogRow;
  /** Of the list that the row stands in. */
  readonly query: DataQuery;
  readonly onOpen: (opened: OpenedQuery) => void;
  readonly onClose: () => void;
}

interface Around {
  readonly after: readonly LogRow[];
  readonly before: readonly LogRow[];
  readonly failure?: string;
}

/** Rows before and after a row, by what the person chooses that they have in common; Grafana's window for it in short. */
export function ContextPane({ row, query, onOpen, onClose }: Props) {
  const styles = useStyles2(getStyles);
  const { datasource } = useHost();
  const source = datasource as unknown as DataSourceWithLogsContextSupport<DataQuery>;
  const [around, setAround] = useState<Around>();
  const [asked, ask] = useState(0);
  const model = modelOf(row);
  useEffect(() => {
    let left = false;
    const look = async () => {
      const [after, before] = await Promise.all(
        [LogRowContextQueryDirection.Forward, LogRowContextQueryDirection.Backward].map((direction) =>
          source.getLogRowContext(modelOf(row), { direction, limit: 25 }, query),
        ),
      );
      if (!left && after !== undefined && before !== undefined) {
        const failure = [after, before].flatMap(({ errors = [] }) => errors)[0]?.message;
        setAround({ after: rowsOf(after), before: rowsOf(before), ...(failure === undefined ? {} : { failure }) });
      }
    };
    void look();
    return () => {
      left = true;
    };
    // The choice lives in the data source, which says by this that there is another one.
  }, [row, query, asked]);
  const rowsOf = useCallback(
    ({ data }: DataQueryResponse) =>
      logRows(
        data.map((each) => toDataFrame(each)),
        datasource,
      ),
    [datasource],
  );
  return (
    <Drawer title="Log context" size="lg" onClose={onClose}>
      <div className={styles.pane}>
        {source.getLogRowContextUi?.(model, () => ask((times) => times + 1), query)}
        {around?.failure !== undefined && <Alert severity="error" title={around.failure} />}
        <LogList rows={around?.after ?? []} onOpen={(title, linked) => onOpen({ title, query: linked })} />
        <div className={styles.row}>
          <LogList rows={[row]} onOpen={(title, linked) => onOpen({ title, query: linked })} />
        </div>
        <LogList rows={around?.before ?? []} onOpen={(title, linked) => onOpen({ title, query: linked })} />
      </div>
    </Drawer>
  );
}

/** A row as Grafana hands it to data sources, as far as this one reads it. */
function modelOf({ time, body, labels, frame, at, id, level }: LogRow): LogRowModel {
  return {
    rowId: id,
    uid: `${frame.refId ?? ''}_${id}`,
    timeEpochMs: time,
    timeEpochNs: `${time}000000`,
    entry: body,
    raw: body,
    labels: Object.fromEntries(labels.map(({ name, value }) => [name, value])),
    logLevel: level,
    dataFrame: frame,
    rowIndex: at,
    entryFieldIndex: frame.fields.findIndex(({ name }) => name === 'body'),
  } as unknown as LogRowModel;
}

const getStyles = (theme: GrafanaTheme2) => ({
  pane: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
  row: css({ border: `1px solid ${theme.colors.primary.border}`, borderRadius: theme.shape.radius.default }),
});
