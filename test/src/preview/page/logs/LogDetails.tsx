import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';
import { Button, IconButton, LinkButton, useStyles2 } from '@grafana/ui';
import type { FilledLink } from './fillLink.ts';
import type { LogRow } from './logRows.ts';

export interface RowActions {
  /** Whether the query asks for this value already. */
  readonly isFiltered?: (key: string, value: string) => boolean;
  readonly onFilter?: (type: 'FILTER_FOR' | 'FILTER_OUT', key: string, value: string, row: LogRow) => void;
  readonly onOpen: (title: string, query: DataQuery) => void;
  /** Shows what was before and after. */
  readonly onContext?: (row: LogRow) => void;
}

/** What is known of a row: its labels in their groups, each with its filters, and its links. */
export function LogDetails({ row, isFiltered, onFilter, onOpen, onContext }: RowActions & { readonly row: LogRow }) {
  const styles = useStyles2(getStyles);
  const groups = Map.groupBy(row.labels, ({ group }) => group);
  return (
    <section className={styles.details} aria-label="Details">
      {row.links.length > 0 && (
        <div className={styles.links}>
          {row.links.map((link) => (
            <RowLink key={link.title} link={link} onOpen={onOpen} />
          ))}
          {onContext !== undefined && (
            <Button size="sm" variant="secondary" icon="gf-show-context" onClick={() => onContext(row)}>
              Show context
            </Button>
          )}
        </div>
      )}
      <div className={styles.groups}>
        {[...groups].map(([group, labels]) => (
          <div key={group}>
            <h4 className={styles.group}>{group}</h4>
            <ul className={styles.list}>
              {labels.map(({ name, value }) => (
                <li key={name} className={styles.label} data-label={name}>
                  {onFilter !== undefined && (
                    <span className={styles.buttons}>
                      <IconButton
                        name="search-plus"
                        size="md"
                        variant={isFiltered?.(name, value) === true ? 'primary' : 'secondary'}
                        aria-label={`Filter for ${name}`}
                        aria-pressed={isFiltered?.(name, value) === true}
                        tooltip={`Filter for ${name}`}
                        onClick={() => onFilter('FILTER_FOR', name, value, row)}
                      />
                      <IconButton
                        name="search-minus"
                        size="md"
                        aria-label={`Filter out ${name}`}
                        tooltip={`Filter out ${name}`}
                        onClick={() => onFilter('FILTER_OUT', name, value, row)}
                      />
                    </span>
                  )}
                  <span className={styles.name}>{name}</span>
                  <span className={styles.value} title={value} dir="auto">
                    {value}
                  </span>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
    </section>
  );
}

function RowLink({
  link: { title, query, url },
  onOpen,
}: {
  readonly link: FilledLink;
  readonly onOpen: RowActions['onOpen'];
}) {
  if (query !== undefined) {
    return (
      <Button size="sm" variant="secondary" icon="list-ul" onClick={() => onOpen(title, query)}>
        {title}
      </Button>
    );
  }
  return (
    <LinkButton
      size="sm"
      variant="secondary"
      icon="external-link-alt"
      href={url}
      target="_blank"
      rel="noopener noreferrer"
    >
      {title}
    </LinkButton>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  details: css({
    padding: theme.spacing(1, 2, 1.5, 2.5),
    background: theme.colors.background.secondary,
    borderBottom: `1px solid ${theme.colors.border.weak}`,
  }),
  links: css({ display: 'flex', gap: theme.spacing(1), marginBottom: theme.spacing(1) }),
  groups: css({ columns: '420px 3', columnGap: theme.spacing(4), '& > div': { breakInside: 'avoid' } }),
  group: css({
    margin: theme.spacing(0, 0, 0.25),
    fontSize: theme.typography.bodySmall.fontSize,
    color: theme.colors.text.secondary,
    fontWeight: theme.typography.fontWeightMedium,
  }),
  list: css({ listStyle: 'none', margin: theme.spacing(0, 0, 1.5), padding: 0 }),
  label: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(1),
    padding: theme.spacing(0.25, 0),
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  name: css({ width: 150, flexShrink: 0, color: theme.colors.text.secondary }),
  value: css({ minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }),
  buttons: css({ display: 'flex', flexShrink: 0 }),
});
