import type { RequestField } from '../fields.ts';
import type { GroupLimit, Measure, Series } from '../query.ts';
import { fieldValues } from './fieldValues.ts';
import { compareValues } from './matches.ts';
import { measure } from './measures.ts';
import { micros } from './place.ts';
import type { SeenRow } from './seen.ts';

interface Range {
  readonly from: number;
  readonly to: number;
  readonly intervalMs?: number;
}

/** Start of every bucket of a range. */
export function bucketsOf({ from, to, intervalMs }: Range): number[] {
  if (from >= to) return [];
  if (intervalMs === undefined) return [from];
  const buckets: number[] = [];
  for (let start = Math.floor(from / intervalMs) * intervalMs; start < to; start += intervalMs) buckets.push(start);
  return buckets;
}

interface Group {
  readonly labels: Readonly<Record<string, string>>;
  readonly rows: readonly SeenRow[];
}

/** A line for each group and measure (none stands for the plain count of a volume). */
export function seriesOf(
  rows: readonly SeenRow[],
  range: Range,
  { groupBy, topN }: GroupLimit,
  measures: readonly (Measure | undefined)[],
): Series[] {
  const buckets = bucketsOf(range);
  const values = (group: Group, which: Measure) =>
    buckets.map((start, at) => {
      const end = Math.min(buckets[at + 1] ?? range.to, range.to);
      const inside = group.rows.filter(
        ({ row }) => row.timeMicros >= micros(start) && row.timeMicros < micros(buckets[at + 1] ?? range.to),
      );
      const seconds = (end - Math.max(start, range.from)) / 1000;
      return measure(
        which,
        inside.map(({ row }) => row.request),
        seconds,
      );
    });
  return groupsOf(rows, groupBy, topN).flatMap((group) =>
    measures.map((which) => ({
      labels: group.labels,
      ...(which !== undefined && { measure: which }),
      values: values(group, which ?? 'count'),
    })),
  );
}

function groupsOf(rows: readonly SeenRow[], groupBy: readonly RequestField[], topN: number): Group[] {
  if (groupBy.length === 0) return [{ labels: {}, rows }];
  const groups = Map.groupBy(rows, ({ request }) => JSON.stringify(labelsOf(request, groupBy)));
  const ranked = [...groups]
    .map(([labels, members]) => ({ labels: JSON.parse(labels) as Record<string, string>, rows: members }))
    .toSorted((a, b) => b.rows.length - a.rows.length || compareLabels(a.labels, b.labels, groupBy));
  const others = ranked.slice(topN).flatMap((group) => group.rows);
  return [...ranked.slice(0, topN), ...(others.length > 0 ? [{ labels: { other: 'true' }, rows: others }] : [])];
}

function labelsOf(request: SeenRow['request'], groupBy: readonly RequestField[]): Record<string, string> {
  return Object.fromEntries(
    groupBy.flatMap((field) => fieldValues(request, field).map((value) => [field, String(value)] as const)),
  );
}

function compareLabels(a: Group['labels'], b: Group['labels'], groupBy: readonly RequestField[]): number {
  for (const field of groupBy) {
    const [left, right] = [a[field], b[field]];
    if (left === right) continue;
    if (left === undefined) return -1;
    return right === undefined ? 1 : compareValues(left, right);
  }
  return 0;
}
