import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { type UPlotConfigBuilder, useStyles2, useTheme2 } from '@grafana/ui';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import type { PlotPlace } from './LaneStrip.tsx';
import { MarkerTooltip, type OpenLink, TOOLTIP_WIDTH } from './MarkerTooltip.tsx';
import type { DrawnMarker } from './markersOf.ts';
import { plainText } from './plainText.ts';

interface Props {
  readonly config: UPlotConfigBuilder;
  readonly markers: readonly DrawnMarker[];
  readonly onOpen: OpenLink;
  readonly onPlace: (place: PlotPlace) => void;
}

/** Of uPlot what the layer needs. */
interface Plot {
  readonly over: HTMLElement;
  valToPos(value: number, scale: string): number;
}

/**
 * Markers over a plot, as Grafana's time series panel draws them: a dashed line, a triangle under it, and a tooltip that
 * stays when it is clicked. They are elements and not pixels, so that they can be reached by keyboard and read aloud.
 */
export function MarkerLayer({ config, markers, onOpen, onPlace }: Props) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const [plot, setPlot] = useState<Plot>();
  const [, redraw] = useState(0);
  const [pinned, setPinned] = useState<string>();
  const [hovered, setHovered] = useState<string>();
  const mounted = useRef(true);
  const told = useRef<PlotPlace>({ left: 0, width: 0 });
  useLayoutEffect(() => {
    mounted.current = true;
    config.addHook('init', (u) => {
      if (mounted.current) setPlot(u as unknown as Plot);
    });
    config.addHook('draw', ({ over }) => {
      if (!mounted.current) return;
      redraw((times) => times + 1);
      const place = { left: over.offsetLeft, width: over.clientWidth };
      if (place.left !== told.current.left || place.width !== told.current.width) onPlace(place);
      told.current = place;
    });
    return () => {
      mounted.current = false;
    };
  }, [config, onPlace]);
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
              aria-label={`Change at ${dateTimeFormat(marker.time, { format: 'HH:mm:ss' })}: ${plainText(marker.title)}`}
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
        <MarkerTooltip
          marker={shown.marker}
          // Before the marker where there is room: what came after the change is what one looks for.
          place={shown.left > TOOLTIP_WIDTH ? { right: width - shown.left + 10 } : { left: shown.left + 10 }}
          onOpen={onOpen}
          {...(pinned === undefined ? {} : { onClose: () => setPinned(undefined) })}
        />
      )}
    </div>,
    plot.over,
  );
}

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
});
