import { dateTimeFormat, type QueryResultMetaNotice } from '@grafana/data';
import { shortText } from '../frames/plainText';

interface Gap {
  readonly feed: string;
  readonly from: number;
  readonly to?: number | undefined;
}

/** Gaps told one by one; beyond it their number says enough. */
const TOLD = 3;

/** Where nobody watched, no marker does not mean no change. */
export function gapNotices(gaps: readonly Gap[]): QueryResultMetaNotice[] {
  if (gaps.length === 0) return [];
  const told = gaps.slice(0, TOLD).map(({ feed, from, to }) => {
    const until = to === undefined ? 'until now' : `to ${dateTimeFormat(to)}`;
    return `${shortText(feed, 60)} from ${dateTimeFormat(from)} ${until}`;
  });
  if (gaps.length > TOLD) told.push(`${gaps.length - TOLD} more`);
  return [
    { severity: 'warning', text: `Changes were not watched all the time, so some may be missing: ${told.join('; ')}.` },
  ];
}
