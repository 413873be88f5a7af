import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2, textUtil } from '@grafana/data';
import { Button, IconButton, useStyles2, useTheme2 } from '@grafana/ui';
import type { FilledLink } from '../logs/fillLink.ts';
import type { DrawnMarker } from './markersOf.ts';

/** Pixels that a tooltip may take beside its marker. */
export const TOOLTIP_WIDTH = 340;

export type OpenLink = (link: FilledLink) => void;

interface Props {
  readonly marker: DrawnMarker;
  readonly place: { readonly left: number } | { readonly right: number };
  readonly onOpen: OpenLink;
  /** There is one when the tooltip stays. */
  readonly onClose?: () => void;
}

/** What a marker says: time, title, text, tags and, once it stays, its links. */
export function MarkerTooltip({ marker, place, onOpen, onClose }: Props) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  return (
    <section
      className={styles.tooltip}
      aria-label="Change"
      style={place}
      onMouseDown={(event) => event.stopPropagation()}
    >
      <header className={styles.header}>
        <span className={styles.dot} style={{ background: theme.visualization.getColorByName(marker.colour) }} />
        <time>{dateTimeFormat(marker.time, { format: 'YYYY-MM-DD HH:mm:ss' })}</time>
        {onClose !== undefined && <IconButton name="times" aria-label="Close" size="sm" onClick={onClose} />}
      </header>
      <Html className={styles.title} html={marker.title} />
      {marker.text !== '' && <Html className={styles.text} html={marker.text} />}
      {marker.tags.length > 0 && (
        <div className={styles.tags}>
          {marker.tags.map((tag) => (
            <span key={tag} className={styles.tag}>
              {tag}
            </span>
          ))}
        </div>
      )}
      {onClose !== undefined && marker.links.length > 0 && (
        <footer className={styles.links}>
          {marker.links.map((link) => (
            <Button
              key={link.title}
              size="sm"
              variant="secondary"
              icon="external-link-alt"
              onClick={() => onOpen(link)}
            >
              {link.title}
            </Button>
          ))}
        </footer>
      )}
    </section>
  );
}

/** As Grafana does it, so that what it would run is run here too, and what it would not is not. */
function Html({ html, className }: { readonly html: string; readonly className: string }) {
  return <div className={className} dangerouslySetInnerHTML={{ __html: textUtil.sanitize(html) }} />;
}

const getStyles = (theme: GrafanaTheme2) => ({
  tooltip: css({
    position: 'absolute',
    top: 4,
    zIndex: theme.zIndex.tooltip,
    minWidth: 220,
    maxWidth: TOOLTIP_WIDTH - 10,
    padding: theme.spacing(1),
    background: theme.colors.background.elevated ?? theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.medium}`,
    borderRadius: theme.shape.radius.default,
    boxShadow: theme.shadows.z2,
    fontSize: theme.typography.bodySmall.fontSize,
    color: theme.colors.text.primary,
    pointerEvents: 'auto',
    cursor: 'auto',
    overflowWrap: 'anywhere',
  }),
  header: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(0.75),
    color: theme.colors.text.secondary,
    marginBottom: theme.spacing(0.5),
    '& time': { flex: 1 },
  }),
  dot: css({ width: 8, height: 8, borderRadius: '50%' }),
  title: css({ fontWeight: theme.typography.fontWeightMedium, fontSize: theme.typography.body.fontSize }),
  text: css({ color: theme.colors.text.secondary, marginTop: theme.spacing(0.25) }),
  tags: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(0.5), marginTop: theme.spacing(0.75) }),
  tag: css({
    padding: theme.spacing(0, 0.75),
    borderRadius: theme.shape.radius.pill,
    background: theme.colors.background.secondary,
    border: `1px solid ${theme.colors.border.weak}`,
  }),
  links: css({ marginTop: theme.spacing(1) }),
});
