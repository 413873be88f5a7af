import type { RequestField } from '../../fields.ts';
import type { Measure, MetricsQuery, Series, SeriesAnswer, VolumeQuery } from '../../query.ts';
import { beginSnapshot } from '../days/snapshot.ts';
import { Parameters } from '../engine/parameters.ts';
import type { Session } from '../engine/session.ts';
import type { StoreParts } from '../parts.ts';
import { micros } from '../sql/conditions.ts';
import { ROLLUPS, type Rollup } from '../sql/rollups.ts';
import { exactSql, histogramSql, type Quantile, type SeriesRead, sumsSql } from '../sql/seriesSql.ts';
import { coverageOf, rowsOnly } from './coverage.ts';

const QUANTILES: ReadonlyMap<Measure, Quantile> = new Map<Measure, Quantile>([
  ['p50', { name: 'p50', timed: 'duration', q: 0.5 }],
  ['p95', { name: 'p95', timed: 'duration', q: 0.95 }],
  ['p99', { name: 'p99', timed: 'duration', q: 0.99 }],
  ['ttft_p95', { name: 'ttft_p95', timed: 'ttft', q: 0.95 }],
]);

type SeriesQuery = Omit<MetricsQuery, 'measures'> & { readonly measures: readonly (Measure | undefined)[] };

export function volume(query: VolumeQuery, store: StoreParts, signal?: AbortSignal): Promise<SeriesAnswer> {
  return series({ ...query, measures: [undefined] }, store, signal);
}

export function metrics(query: MetricsQuery, store: StoreParts, signal?: AbortSignal): Promise<SeriesAnswer> {
  return series(query, store, signal);
}

/** Sums of one group, by bucket number. */
interface SumLine {
  readonly rank: number;
  readonly labels: readonly (string | null)[];
  readonly buckets: readonly number[];
  readonly requests: readonly number[];
  readonly errors: readonly number[];
  readonly tokens_input: readonly number[];
  readonly tokens_output: readonly number[];
  readonly cost_usd: readonly number[];
}

interface QuantileLine {
  readonly rank: number;
  readonly bucket: number;
  readonly [measure: string]: unknown;
}

async function series(query: SeriesQuery, store: StoreParts, signal?: AbortSignal): Promise<SeriesAnswer> {
  const started = performance.now();
  const buckets = bucketsOf(query);
  const quantiles = query.measures.flatMap((measure) => (measure && QUANTILES.get(measure)) ?? []);
  const sumsFrom = rollupFor(query, [ROLLUPS.minute, ROLLUPS.key]);
  const quantilesFrom = query.exact === true ? undefined : rollupFor(query, [ROLLUPS.latency]);
  const fromRollups = sumsFrom !== undefined && (quantiles.length === 0 || quantilesFrom !== undefined);
  const [from, to] = [micros(query.from), micros(query.to)];

  return store.engine.read(
    fromRollups ? 'light' : 'heavy',
    async (session) => {
      const { days } = await beginSnapshot(session, store, (all) => all.within(from, to));
      const readOf = (rollup: Rollup | undefined): SeriesRead => ({
        query,
        groupBy: query.groupBy,
        topN: query.topN,
        intervalMicros: query.intervalMs === undefined ? undefined : query.intervalMs * 1000,
        from,
        to,
        coverage: days.map((day) => (rollup === undefined ? rowsOnly : coverageOf)(day, from, to)),
      });
      const sumLines = await lines<SumLine>(session, (parameters) =>
        sumsSql(readOf(sumsFrom), sumsFrom ?? ROLLUPS.minute, parameters),
      );
      const quantileLines =
        quantiles.length === 0
          ? []
          : await lines<QuantileLine>(session, (parameters) =>
              query.exact === true
                ? exactSql(readOf(undefined), quantiles, parameters)
                : histogramSql(readOf(quantilesFrom), ROLLUPS.latency, quantiles, parameters),
            );
      const answer = seriesOf(query, buckets, sumLines, quantileLines);
      return {
        buckets,
        series: answer,
        stats: {
          elapsedMs: performance.now() - started,
          rows: answer.length,
          source: fromRollups ? 'rollup' : 'rows',
        },
      };
    },
    signal,
  );
}

async function lines<T>(session: Session, sql: (parameters: Parameters) => string): Promise<readonly T[]> {
  const parameters = new Parameters();
  const [cells] = await session.rows(sql(parameters), parameters);
  return JSON.parse(String(cells?.[0] ?? '[]')) as readonly T[];
}

/** The first rollup that tells apart all that is asked, in steps that fit into the buckets. */
function rollupFor(query: SeriesQuery, rollups: readonly Rollup[]): Rollup | undefined {
  if (query.text !== undefined && query.text !== '') return undefined;
  const fields: readonly RequestField[] = [...query.filters.map(({ field }) => field), ...query.groupBy];
  return rollups.find(
    ({ fields: known, stepMicros }) =>
      fields.every((field) => known.includes(field)) &&
      (query.intervalMs === undefined || (query.intervalMs * 1000) % stepMicros === 0),
  );
}

function bucketsOf({ from, to, intervalMs }: Pick<SeriesQuery, 'from' | 'to' | 'intervalMs'>): number[] {
  if (from >= to) return [];
  if (intervalMs === undefined) return [from];
  const buckets: number[] = [];
  for (let start = Math.floor(from / intervalMs) * intervalMs; start < to; start += intervalMs) buckets.push(start);
  return buckets;
}

function seriesOf(
  query: SeriesQuery,
  buckets: readonly number[],
  sums: readonly SumLine[],
  quantiles: readonly QuantileLine[],
): Series[] {
  const { intervalMs, groupBy, topN, measures } = query;
  const indexOf = (bucket: number) =>
    intervalMs === undefined ? 0 : bucket - Math.floor((buckets[0] ?? 0) / intervalMs);
  const seconds = buckets.map(
    (start, at) => (Math.min(buckets[at + 1] ?? query.to, query.to) - Math.max(start, query.from)) / 1000,
  );
  const lines = sums.toSorted((a, b) => a.rank - b.rank);
  const groups = groupBy.length === 0 && lines.length === 0 ? [undefined] : lines;
  return groups.flatMap((line) => {
    const labels = line === undefined ? {} : labelsOf(line, groupBy, topN);
    return measures.map((measure) => {
      const values = buckets.map(() => emptyOf(measure));
      line?.buckets.forEach((bucket, at) => {
        values[indexOf(bucket)] = sumOf(measure, line, at, seconds[indexOf(bucket)] ?? 0);
      });
      if (measure !== undefined && QUANTILES.has(measure)) {
        for (const quantile of quantiles) {
          if (quantile.rank === line?.rank) values[indexOf(quantile.bucket)] = quantile[measure] as number | null;
        }
      }
      return { labels, ...(measure !== undefined && { measure }), values };
    });
  });
}

function labelsOf({ rank, labels }: SumLine, groupBy: readonly RequestField[], topN: number): Record<string, string> {
  if (groupBy.length > 0 && rank > topN) return { other: 'true' };
  return Object.fromEntries(
    groupBy.flatMap((field, at) => {
      const value = labels[at];
      return value === null || value === undefined ? [] : [[field, value]];
    }),
  );
}

const emptyOf = (measure: Measure | undefined): number | null =>
  measure === 'error_ratio' || (measure !== undefined && QUANTILES.has(measure)) ? null : 0;

function sumOf(measure: Measure | undefined, line: SumLine, at: number, seconds: number): number | null {
  const requests = line.requests[at] ?? 0;
  switch (measure) {
    case undefined:
    case 'count':
      return requests;
    case 'rate':
      return requests / seconds;
    case 'error_ratio':
      return requests === 0 ? null : (line.errors[at] ?? 0) / requests;
    case 'tokens_in':
      return line.tokens_input[at] ?? 0;
    case 'tokens_out':
      return line.tokens_output[at] ?? 0;
    case 'cost':
      return line.cost_usd[at] ?? 0;
    case 'p50':
    case 'p95':
    case 'p99':
    case 'ttft_p95':
      return null;
  }
}
