import type { TimeRange } from '@grafana/data';
import { RefreshPicker, TimeRangePicker } from '@grafana/ui';
import type { Dispatch, SetStateAction } from 'react';
import { absoluteRange, rangeOf } from '../run/runQueries.ts';

interface Props {
  readonly range: TimeRange;
  readonly onRange: Dispatch<SetStateAction<TimeRange>>;
  /** What the button that asks again is called. */
  readonly refresh: string;
  readonly onRefresh?: () => void;
}

/** Grafana's choice of a range, and the button that asks again. */
export function RangeControls({ range, onRange, refresh, onRefresh }: Props) {
  return (
    <>
      <TimeRangePicker
        value={range}
        timeZone="browser"
        onChange={onRange}
        onChangeTimeZone={() => undefined}
        onMoveBackward={() => onRange((chosen) => around(chosen, -0.5))}
        onMoveForward={() => onRange((chosen) => around(chosen, 0.5))}
        onZoom={() => onRange((chosen) => around(chosen, 0, 2))}
      />
      <RefreshPicker
        value=""
        text={refresh}
        noIntervalPicker
        onIntervalChanged={() => undefined}
        onRefresh={() => {
          onRange(atPresent);
          onRefresh?.();
        }}
      />
    </>
  );
}

/** `now-15m` and the like begin and end somewhere else by now. */
function atPresent(chosen: TimeRange): TimeRange {
  const { from, to } = chosen.raw;
  return typeof from === 'string' && typeof to === 'string' ? rangeOf({ from, to }) : { ...chosen };
}

/** Moved by a share of its length, or made longer around its middle. */
function around({ from, to }: TimeRange, by: number, times = 1): TimeRange {
  const length = to.valueOf() - from.valueOf();
  const middle = (from.valueOf() + to.valueOf()) / 2 + length * by;
  return absoluteRange(middle - (length * times) / 2, middle + (length * times) / 2);
}
