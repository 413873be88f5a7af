import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2, type TimeRange } from '@grafana/data';
import { useStyles2, useTheme2 } from '@grafana/ui';
import { useState } from 'react';
import { MarkerTooltip, type OpenLink, TOOLTIP_WIDTH } from './MarkerTooltip.tsx';
import type { DrawnMarker } from './markersOf.ts';
import { plainText } from './plainText.ts';

/** Pixels of a lane. */
const LANE = 14;

export const laneHeight = (markers: readonly DrawnMarker[]) => lanesOf(markers).length * LANE;

const lanesOf = (markers: readonly DrawnMarker[]) => [...new Set(markers.map(({ lane }) => lane))].sort();

interface Props {
  readonly markers: readonly DrawnMarker[];
  readonly range: TimeRange;
  readonly width: number;
  /** Where the plot above is, so that a marker stands under its time; pixels. */
  readonly plot: PlotPlace;
  readonly onOpen: OpenLink;
}

export interface PlotPlace {
  readonly left: number;
  readonly width: number;
}

/** Markers in lanes under one another, one for each annotation frame: Grafana's panel option `multiLane`. */
export function LaneStrip({ markers, range, width, plot, onOpen }: Props) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const [shown, setShown] = useState<{ readonly key: string; readonly pinned: boolean }>();
  const lanes = lanesOf(markers);
  const [from, to] = [range.from.valueOf(), range.to.valueOf()];
  const leftOf = (time: number) => plot.left + (plot.width * (time - from)) / Math.max(1, to - from);
  const marker = markers.find(({ key }) => key === shown?.key);
  return (
    <div className={styles.strip} style={{ width, height: lanes.length * LANE }}>
      {lanes.map((lane, at) => (
        <div
          key={lane}
          className={styles.lane}
          style={{ top: at * LANE, height: LANE, left: plot.left, width: plot.width }}
        >
          <span className={styles.name} title={lane}>
            {lane}
          </span>
        </div>
      ))}
      {markers
        .filter(({ time }) => time >= from && time <= to)
        .map((each) => (
          <button
            key={each.key}
            type="button"
            className={styles.mark}
            style={{
              left: leftOf(each.time) - 5,
              top: lanes.indexOf(each.lane) * LANE + 2,
              minWidth: 10,
              width: Math.max(10, leftOf(each.timeEnd) - leftOf(each.time)),
              background: theme.visualization.getColorByName(each.colour),
            }}
            aria-label={`Change at ${dateTimeFormat(each.time, { format: 'HH:mm:ss' })}: ${plainText(each.title)}`}
            onMouseEnter={() => setShown((open) => (open?.pinned === true ? open : { key: each.key, pinned: false }))}
            onMouseLeave={() => setShown((open) => (open?.pinned === true ? open : undefined))}
            onClick={() => setShown({ key: each.key, pinned: true })}
          />
        ))}
      {marker !== undefined && (
        <div className={styles.tooltip}>
          <MarkerTooltip
            marker={marker}
            place={
              leftOf(marker.time) > TOOLTIP_WIDTH
                ? { right: width - leftOf(marker.time) + 12 }
                : { left: leftOf(marker.time) + 16 }
            }
            onOpen={onOpen}
            {...(shown?.pinned === true ? { onClose: () => setShown(undefined) } : {})}
          />
        </div>
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  strip: css({ position: 'relative' }),
  lane: css({
    position: 'absolute',
    borderTop: `1px solid ${theme.colors.border.weak}`,
  }),
  name: css({
    display: 'block',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    fontSize: theme.typography.size.xs,
    lineHeight: `${LANE}px`,
    color: theme.colors.text.secondary,
  }),
  mark: css({
    position: 'absolute',
    height: 10,
    padding: 0,
    border: 0,
    borderRadius: 3,
    cursor: 'pointer',
    '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}`, outlineOffset: 2 },
  }),
  tooltip: css({ position: 'absolute', left: 0, right: 0, bottom: '100%', height: 110 }),
});
