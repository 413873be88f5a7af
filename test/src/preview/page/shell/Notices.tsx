import { css } from '@emotion/css';
import type { GrafanaTheme2, QueryResultMetaNotice } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';

/** What a data source says beside its answer; Grafana shows it in the corner of a panel. */
export function Notices({ notices }: { readonly notices: readonly QueryResultMetaNotice[] }) {
  const styles = useStyles2(getStyles);
  const texts = new Map(notices.map((notice) => [notice.text, notice]));
  if (texts.size === 0) return null;
  return (
    <ul className={styles.list} aria-label="Notices">
      {[...texts.values()].map(({ text, severity }) => (
        <li key={text}>
          <Icon name={severity === 'info' ? 'info-circle' : 'exclamation-triangle'} size="sm" /> {text}
        </li>
      ))}
    </ul>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({
    listStyle: 'none',
    margin: theme.spacing(0, 0, 1),
    padding: 0,
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
});
