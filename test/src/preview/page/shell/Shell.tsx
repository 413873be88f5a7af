import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, RadioButtonGroup, useStyles2 } from '@grafana/ui';
import type { ReactNode } from 'react';
import { ORG_ROLES, type OrgRole } from '../../proxy/pluginRoutes.ts';
import { useHost } from '../run/contextOf.ts';

export interface PageLink {
  readonly path: string;
  readonly title: string;
}

interface Props {
  readonly pages: readonly PageLink[];
  readonly current: string;
  readonly onTheme: () => void;
  readonly isLight: boolean;
  readonly children: ReactNode;
}

/** Frame of every page: where one is, as whom one looks, and that this is no Grafana. */
export function Shell({ pages, current, onTheme, isLight, children }: Props) {
  const styles = useStyles2(getStyles);
  const { boot, plugin } = useHost();
  return (
    <>
      <header className={styles.bar}>
        <img src={plugin.meta.info.logos.small} alt="" width={24} height={24} />
        <span className={styles.name}>AISIX observability</span>
        <span className={styles.label} role="note" title="Grafana’s own packages in a small page, on this machine only">
          Preview: not Grafana
        </span>
        <nav aria-label="Pages" className={styles.pages}>
          {pages.map(({ path, title }) => (
            <a
              key={path}
              href={`#${path}`}
              className={cx(styles.page, path === current && styles.current)}
              aria-current={path === current ? 'page' : undefined}
            >
              {title}
            </a>
          ))}
        </nav>
        <section className={styles.role} aria-label="Role">
          <RadioButtonGroup
            size="sm"
            options={ORG_ROLES.map((role) => ({ value: role, label: role, ariaLabel: `Look as ${role}` }))}
            value={boot.role}
            onChange={chooseRole}
          />
        </section>
        <Button
          size="sm"
          variant="secondary"
          fill="text"
          icon={isLight ? 'eye' : 'eye-slash'}
          aria-label={isLight ? 'Dark theme' : 'Light theme'}
          tooltip={isLight ? 'Dark theme' : 'Light theme'}
          onClick={onTheme}
        >
          {isLight ? 'Dark' : 'Light'}
        </Button>
      </header>
      <main>{children}</main>
    </>
  );
}

/** Another role is another session: nothing that the earlier one was shown stays in the page. */
async function chooseRole(role: OrgRole): Promise<void> {
  await fetch('/preview/role', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ role }),
  });
  location.reload();
}

const getStyles = (theme: GrafanaTheme2) => ({
  bar: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(1.5),
    minHeight: 48,
    padding: theme.spacing(0, 2),
    background: theme.colors.background.primary,
    borderBottom: `1px solid ${theme.colors.border.weak}`,
    position: 'sticky',
    top: 0,
    zIndex: theme.zIndex.navbarFixed,
  }),
  name: css({ fontWeight: theme.typography.fontWeightMedium, whiteSpace: 'nowrap' }),
  label: css({
    padding: theme.spacing(0.25, 1),
    borderRadius: theme.shape.radius.pill,
    background: theme.colors.warning.transparent,
    border: `1px solid ${theme.colors.warning.border}`,
    color: theme.colors.warning.text,
    fontSize: theme.typography.bodySmall.fontSize,
    whiteSpace: 'nowrap',
  }),
  pages: css({
    display: 'flex',
    alignSelf: 'stretch',
    gap: theme.spacing(0.5),
    flex: 1,
    marginLeft: theme.spacing(1),
    minWidth: 0,
    overflow: 'hidden',
  }),
  page: css({
    display: 'flex',
    alignItems: 'center',
    padding: theme.spacing(0, 1),
    color: theme.colors.text.secondary,
    borderBottom: '3px solid transparent',
    borderTop: '3px solid transparent',
    whiteSpace: 'nowrap',
    '&:hover': { color: theme.colors.text.primary },
    '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}`, outlineOffset: -2 },
  }),
  current: css({ color: theme.colors.text.primary, borderBottomColor: theme.colors.warning.main }),
  role: css({ display: 'flex', alignItems: 'center' }),
});
