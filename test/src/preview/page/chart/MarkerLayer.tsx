import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2, textUtil } from '@grafana/data';
import { IconButton, type UPlotConfigBuilder, useStyles2, useTheme2 } from '@grafana/ui';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import type { DrawnMarker } from './markersOf.ts';

interface Props {
  readonly config: UPlotConfigBuilder;
  readonly markers: readonly DrawnMarker[];
}

/** Of uPlot what the layer needs. */
interface Plot {
  readonly over: HTMLElement;
  valToPos(value: number, scale: string): number;
}

/** Pixels that a tooltip may take beside its marker. */
const TOOLTIP_WIDTH = 340;

/**
 * Markers over a plot, as Grafana's time series panel draws them: a dashed line, a triangle under it, and a tooltip that
 * stays when it is clicked. They are elements and not pixels, so that they can be reached by keyboard and read aloud.
 */
export function MarkerLayer({ config, markers }: Props) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const [plot, setPlot] = useState<Plot>();
  const [, redraw] = useState(0);
  const [pinned, setPinned] = useState<string>();
  const [hovered, setHovered] = useState<string>();
  const mounted = useRef(true);
  useLayoutEffect(() => {
    mounted.current = true;
    config.addHook('init', (u) => {
      if (mounted.current) setPlot(u as unknown as Plot);
    });
    config.addHook('draw', () => {
      if (mounted.current) redraw((times) => times + 1);
    });
    return () => {
      mounted.current = false;
    };
  }, [config]);
  useEffect(() => {
    if (pinned === undefined) return undefined;
    const close = (event: KeyboardEvent) => {
      if (event.key === 'Escape') setPinned(undefined);
    };
    window.addEventListener('keydown', close);
    return () => window.removeEventListener('keydown', close);
  }, [pinned]);
  if (plot === undefined) return null;
  const width = plot.over.clientWidth;
  const drawn = markers.flatMap((marker) => {
    const left = plot.valToPos(marker.time, 'x');
    const right = plot.valToPos(marker.timeEnd, 'x');
    return right < 0 || left > width || Number.isNaN(left) ? [] : [{ marker, left, right }];
  });
  const shown = drawn.find(({ marker }) => marker.key === (pinned ?? hovered));
  return createPortal(
    <div className={styles.layer}>
      {drawn.map(({ marker, left, right }) => {
        const colour = theme.visualization.getColorByName(marker.colour);
        return (
          <div key={marker.key}>
            <div className={styles.line} style={{ left, borderColor: colour }} />
            {marker.timeEnd > marker.time && (
              <div className={styles.region} style={{ left, width: right - left, background: colour }} />
            )}
            <button
              type="button"
              className={styles.handle}
              style={{ left, borderBottomColor: colour }}
              aria-label={`Change at ${dateTimeFormat(marker.time, { format: 'HH:mm:ss' })}: ${plain(marker.title)}`}
              aria-expanded={pinned === marker.key}
              onMouseDown={(event) => event.stopPropagation()}
              onMouseEnter={() => setHovered(marker.key)}
              onMouseLeave={() => setHovered(undefined)}
              onFocus={() => setHovered(marker.key)}
              onBlur={() => setHovered(undefined)}
              onClick={() => setPinned(pinned === marker.key ? undefined : marker.key)}
            />
          </div>
        );
      })}
      {shown !== undefined && (
        <section
          className={styles.tooltip}
          aria-label="Change"
          // Before the marker where there is room: what came after the change is what one looks for.
          style={shown.left > TOOLTIP_WIDTH ? { right: width - shown.left + 10 } : { left: shown.left + 10 }}
          onMouseDown={(event) => event.stopPropagation()}
        >
          <header className={styles.header}>
            <span
              className={styles.dot}
              style={{ background: theme.visualization.getColorByName(shown.marker.colour) }}
            />
            <time>{dateTimeFormat(shown.marker.time, { format: 'YYYY-MM-DD HH:mm:ss' })}</time>
            {pinned !== undefined && (
              <IconButton name="times" aria-label="Close" size="sm" onClick={() => setPinned(undefined)} />
            )}
          </header>
          <Html className={styles.title} html={shown.marker.title} />
          {shown.marker.text !== '' && <Html className={styles.text} html={shown.marker.text} />}
          {shown.marker.tags.length > 0 && (
            <div className={styles.tags}>
              {shown.marker.tags.map((tag) => (
                <span key={tag} className={styles.tag}>
                  {tag}
                </span>
              ))}
            </div>
          )}
        </section>
      )}
    </div>,
    plot.over,
  );
}

/** As Grafana does it, so that what it would run is run here too, and what it would not is not. */
function Html({ html, className }: { readonly html: string; readonly className: string }) {
  // biome-ignore lint/security/noDangerouslySetInnerHtml: sanitized by the same function as in Grafana's tooltip
  return <div className={className} dangerouslySetInnerHTML={{ __html: textUtil.sanitize(html) }} />;
}

/** Of escaped HTML the text, for a label. */
const plain = (html: string) => new DOMParser().parseFromString(html, 'text/html').body.textContent ?? '';

const getStyles = (theme: GrafanaTheme2) => ({
  layer: css({ position: 'absolute', inset: 0, pointerEvents: 'none', zIndex: 2 }),
  line: css({
    position: 'absolute',
    top: 0,
    bottom: 0,
    width: 0,
    borderLeft: '2px dashed',
    transform: 'translateX(-1px)',
  }),
  region: css({ position: 'absolute', top: 0, bottom: 0, opacity: 0.15 }),
  handle: css({
    position: 'absolute',
    bottom: -8,
    width: 0,
    height: 0,
    padding: 0,
    background: 'none',
    border: '7px solid transparent',
    borderTop: 0,
    borderBottom: '9px solid',
    transform: 'translateX(-7px)',
    pointerEvents: 'auto',
    cursor: 'pointer',
    '&::after': { content: '""', position: 'absolute', inset: '-14px -12px -14px -12px' },
    '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}`, outlineOffset: 2 },
  }),
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
});
