import { css } from '@emotion/css';
import { CoreApp, type GrafanaTheme2, type TimeRange } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';
import { Alert, Drawer, useStyles2 } from '@grafana/ui';
import { useMemo, useState } from 'react';
import { useHost } from '../run/contextOf.ts';
import { requestOf } from '../run/runQueries.ts';
import { useAnswer } from '../run/useAnswer.ts';
import { useWidth } from '../shell/useWidth.ts';
import { Results } from './Results.tsx';

export interface OpenedQuery {
  readonly title: string;
  readonly query: DataQuery;
}

/** What an internal link leads to. Grafana shows it in a second pane. */
export function Opened({
  opened,
  range,
  onClose,
}: {
  readonly opened: OpenedQuery;
  readonly range: TimeRange;
  readonly onClose: () => void;
}) {
  const [further, setFurther] = useState<OpenedQuery>();
  const { title, query } = further ?? opened;
  const styles = useStyles2(getStyles);
  const { datasource } = useHost();
  const { ref, width } = useWidth();
  const request = useMemo(
    () => requestOf({ targets: [query], range, app: CoreApp.Explore, width: 600 }),
    [query, range],
  );
  const result = useAnswer(datasource, request);
  return (
    <Drawer title={title} size="md" onClose={onClose}>
      <div ref={ref} className={styles.pane}>
        {result.errors.map((text) => (
          <Alert key={text} severity="error" title={text} />
        ))}
        <Results
          result={result}
          range={range}
          width={width}
          height={900}
          onOpen={(next, linked) => setFurther({ title: next, query: linked })}
        />
      </div>
    </Drawer>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  pane: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2) }),
});
