import { css } from '@emotion/css';
import { CoreApp, type GrafanaTheme2, type QueryEditorProps, type TimeRange } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';
import { Icon, useStyles2 } from '@grafana/ui';
import { type ComponentType, useState } from 'react';
import { useHost } from '../run/contextOf.ts';

/** Pixels of a window in which the editor leaves room for the histogram and some rows. */
const TALL = 1000;

interface Props {
  readonly query: DataQuery;
  readonly range: TimeRange;
  readonly onChange: (query: DataQuery) => void;
  readonly onRun: () => void;
}

/** The plugin's query editor in a row that folds up. */
export function QueryRow({ query, range, onChange, onRun }: Props) {
  const styles = useStyles2(getStyles);
  const { datasource, plugin } = useHost();
  // On a low screen what was found is worth more than what was asked.
  const [unfolded, setUnfolded] = useState(() => window.innerHeight >= TALL);
  const Editor = plugin.components.QueryEditor as ComponentType<QueryEditorProps<never, DataQuery>> | undefined;
  return (
    <section className={styles.row} aria-label="Query">
      <button type="button" className={styles.fold} aria-expanded={unfolded} onClick={() => setUnfolded(!unfolded)}>
        <Icon name={unfolded ? 'angle-down' : 'angle-right'} />
        <span>{query.refId}</span>
        {unfolded ? null : <i>{datasource.getQueryDisplayText?.(query)}</i>}
      </button>
      {Editor !== undefined && unfolded && (
        <Editor
          datasource={datasource as never}
          query={query}
          queries={[query]}
          range={range}
          app={CoreApp.Explore}
          onChange={onChange}
          onRunQuery={onRun}
        />
      )}
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  row: css({
    padding: theme.spacing(0.5, 1.5, 0.5),
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
  }),
  fold: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(1),
    width: '100%',
    minHeight: 28,
    padding: 0,
    border: 0,
    background: 'none',
    color: theme.colors.text.primary,
    font: 'inherit',
    textAlign: 'left',
    cursor: 'pointer',
    '& i': { color: theme.colors.text.secondary, fontStyle: 'normal', fontSize: theme.typography.bodySmall.fontSize },
    '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}` },
  }),
});
