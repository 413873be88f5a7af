import type { RequestField } from '../../fields.ts';
import type { RequestFilter, RequestSelection } from '../../query.ts';
import type { Parameters } from '../engine/parameters.ts';
import type { Coverage } from '../read/coverage.ts';
import { tablesFor } from '../read/tablesFor.ts';
import { binSql, middleSql, TIMED } from './bins.ts';
import { needsNames, selectionSql } from './conditions.ts';
import { fieldSql } from './fieldSql.ts';
import { NAMES_JOIN } from './requestJson.ts';
import { ROLLUPS, type Rollup, SUMS, SUMS_OF_ROWS } from './rollups.ts';

/** What a statement of series reads and how it groups; times in µs. */
export interface SeriesRead {
  readonly query: RequestSelection;
  readonly groupBy: readonly RequestField[];
  readonly topN: number;
  /** Undefined: one bucket. */
  readonly intervalMicros: number | undefined;
  readonly from: number;
  readonly to: number;
  readonly coverage: readonly Coverage[];
}

interface Source {
  readonly sql: string;
  /** Start of the row or of the rollup's step. */
  readonly start: string;
  readonly isRollup: boolean;
}

function sourcesOf({ coverage, from, to, query, groupBy }: SeriesRead, rollup: Rollup, condition: string): Source[] {
  const names = needsNames([...query.filters.map((filter: RequestFilter) => filter.field), ...groupBy], query.text)
    ? NAMES_JOIN
    : '';
  const ofRows = (table: string, start: number, end: number): Source => ({
    sql: `FROM ${table} r ${names} WHERE r.start_us >= ${start} AND r.start_us < ${end} AND ${condition}`,
    start: 'r.start_us',
    isRollup: false,
  });
  return [
    ofRows('store.open', from, to),
    ...coverage.flatMap(({ day, day: { db }, rolled, rows }) => [
      ...rows.flatMap(([start, end]) => tablesFor(day, query.filters).map((table) => ofRows(table, start, end))),
      ...rolled.map(
        ([first, last]): Source => ({
          sql: `FROM ${db}.${rollup.table} r ${names} WHERE r.slot BETWEEN ${first} AND ${last} AND ${condition}`,
          start: rollup.start,
          isRollup: true,
        }),
      ),
    ]),
  ];
}

const groupColumns = (read: SeriesRead) => read.groupBy.map((_, at) => `g${at}`);

function groupExpressions({ groupBy, query }: SeriesRead): string[] {
  return groupBy.map((field, at) => {
    const where = fieldSql(field, query.scope);
    return `${where?.kind === 'one' ? `(${where.sql})::VARCHAR` : 'NULL::VARCHAR'} AS g${at}`;
  });
}

const bucketOf = ({ intervalMicros }: SeriesRead, start: string) =>
  `${intervalMicros === undefined ? '0' : `${start} // ${intervalMicros}`} AS bucket`;

/** Number of a group by its requests, most first; `other` for those beyond the top. Without groups all are number 1. */
function rankedSql(read: SeriesRead): string {
  const groups = groupColumns(read);
  if (groups.length === 0) return 'ranked AS (SELECT 1 AS rank)';
  const ties = groups.map((group) => `${group} ASC NULLS FIRST`).join(', ');
  return `ranked AS (SELECT ${groups.join(', ')}, row_number() OVER (ORDER BY sum(requests) DESC, ${ties}) AS rank
    FROM summed GROUP BY ${groups.join(', ')})`;
}

const isRankOf = (read: SeriesRead) =>
  groupColumns(read)
    .map((group) => `s.${group} IS NOT DISTINCT FROM k.${group}`)
    .join(' AND ') || 'true';

/** Groups beyond the top share the number after it. */
const rankSql = ({ topN, groupBy }: SeriesRead) => (groupBy.length === 0 ? '1' : `least(k.rank, ${topN + 1})`);

const labelsSql = (read: SeriesRead) =>
  `[${groupColumns(read)
    .map((group) => `any_value(k.${group})`)
    .join(', ')}]::VARCHAR[]`;

const asJson = (columns: string, from: string) => `SELECT coalesce(to_json(list(line)), '[]')::VARCHAR
  FROM (SELECT {${columns}} AS line ${from})`;

/** Counts and sums: JSON of `[{rank, labels, buckets: […], requests: […], errors: […], …}]`. */
export function sumsSql(read: SeriesRead, rollup: Rollup, parameters: Parameters): string {
  const condition = selectionSql(read.query, parameters);
  const groups = groupColumns(read);
  const ofRollup = SUMS.map((name) => `sum(r.${name}) AS ${name}`);
  const parts = sourcesOf(read, rollup, condition).map(
    ({ sql, start, isRollup }) =>
      `SELECT ${[bucketOf(read, start), ...groupExpressions(read), ...(isRollup ? ofRollup : SUMS_OF_ROWS)].join(', ')}
       ${sql} GROUP BY ALL`,
  );
  const sums = SUMS.map((name) => `sum(${name})::DOUBLE AS ${name}`).join(', ');
  const lists = SUMS.map((name) => `${name}: list(${name} ORDER BY bucket)`).join(', ');
  const by = ['bucket', ...groups].join(', ');
  return `WITH summed AS MATERIALIZED (SELECT ${by}, ${sums} FROM (${parts.join(' UNION ALL ')}) GROUP BY ${by}),
    ${rankedSql(read)},
    placed AS (SELECT ${rankSql(read)} AS rank, s.bucket, ${labelsSql(read)} AS labels, ${sums.replaceAll('sum(', 'sum(s.')}
      FROM summed s JOIN ranked k ON ${isRankOf(read)} GROUP BY 1, 2)
    ${asJson(
      `rank: rank, labels: any_value(labels), buckets: list(bucket ORDER BY bucket), ${lists}`,
      'FROM placed WHERE requests > 0 GROUP BY rank',
    )}`;
}

export interface Quantile {
  readonly name: string;
  readonly timed: keyof typeof TIMED;
  readonly q: number;
}

const lineOfQuantiles = (quantiles: readonly Quantile[]) =>
  [
    'rank: rank',
    'bucket: bucket',
    'labels: any_value(labels)',
    ...quantiles.map(({ name }) => `${name}: any_value(${name})`),
  ].join(', ');

/** Quantiles out of histograms: JSON of `[{rank, labels, bucket, <name>…}]`. */
export function histogramSql(
  read: SeriesRead,
  rollup: Rollup,
  quantiles: readonly Quantile[],
  parameters: Parameters,
): string {
  const condition = selectionSql(read.query, parameters);
  const groups = groupColumns(read);
  // Groups are ranked by their durations, which every request has.
  const wanted = Object.values(TIMED).filter(
    (timed) => timed === TIMED.duration || quantiles.some((quantile) => TIMED[quantile.timed] === timed),
  );
  const parts = sourcesOf(read, rollup, condition).flatMap(({ sql, start, isRollup }) => {
    const common = [bucketOf(read, start), ...groupExpressions(read)];
    if (isRollup)
      return [
        `SELECT ${[...common, 'r.timed', 'r.bin', 'sum(r.requests) AS requests'].join(', ')} ${sql}
         AND r.timed IN (${wanted.map(({ number }) => number).join(', ')}) GROUP BY ALL`,
      ];
    return wanted.map(
      ({ sql: timed, number }) =>
        `SELECT ${[...common, `${number}::TINYINT AS timed`, `${binSql(timed)} AS bin`, 'count(*) AS requests'].join(', ')}
         ${sql} AND ${timed} IS NOT NULL GROUP BY ALL`,
    );
  });
  const by = ['bucket', ...groups, 'timed', 'bin'].join(', ');
  const columns = quantiles.map(({ name, timed, q }) => {
    const at = (rank: string) =>
      `min(bin) FILTER (WHERE timed = ${TIMED[timed].number} AND upto > ${rank}((total - 1) * ${q}::DOUBLE))`;
    const [low, high] = [middleSql(at('floor')), middleSql(at('ceil'))];
    const share = `any_value((total - 1) * ${q}::DOUBLE - floor((total - 1) * ${q}::DOUBLE)) FILTER (WHERE timed = ${TIMED[timed].number})`;
    return `${low} + (${high} - ${low}) * ${share} AS ${name}`;
  });
  return `WITH binned AS MATERIALIZED (SELECT ${by}, sum(requests)::DOUBLE AS requests
      FROM (${parts.join(' UNION ALL ')}) GROUP BY ${by}),
    summed AS (SELECT * FROM binned WHERE timed = ${TIMED.duration.number}),
    ${rankedSql(read)},
    placed AS (SELECT ${rankSql(read)} AS rank, s.bucket, s.timed, s.bin, ${labelsSql(read)} AS labels, sum(s.requests) AS requests
      FROM binned s JOIN ranked k ON ${isRankOf(read)} GROUP BY 1, 2, 3, 4),
    counted AS (SELECT *, sum(requests) OVER (PARTITION BY rank, bucket, timed ORDER BY bin) AS upto,
      sum(requests) OVER (PARTITION BY rank, bucket, timed) AS total FROM placed),
    figured AS (SELECT rank, bucket, any_value(labels) AS labels, ${columns.join(', ')} FROM counted GROUP BY rank, bucket)
    ${asJson(lineOfQuantiles(quantiles), 'FROM figured GROUP BY rank, bucket')}`;
}

/** Quantiles of the rows themselves, in the same form. */
export function exactSql(read: SeriesRead, quantiles: readonly Quantile[], parameters: Parameters): string {
  const condition = selectionSql(read.query, parameters);
  const groups = groupColumns(read);
  const timed = Object.entries(TIMED).map(([name, { sql }]) => `${sql} AS ${name}`);
  const parts = sourcesOf(read, ROLLUPS.latency, condition).map(
    ({ sql, start }) => `SELECT ${[bucketOf(read, start), ...groupExpressions(read), ...timed].join(', ')} ${sql}`,
  );
  const columns = quantiles.map(({ name, timed: what, q }) => `quantile_cont(s.${what}, ${q}::DOUBLE) AS ${name}`);
  return `WITH listed AS MATERIALIZED (${parts.join(' UNION ALL ')}),
    summed AS (SELECT ${[...groups, 'count(*) AS requests'].join(', ')} FROM listed ${groups.length > 0 ? 'GROUP BY ALL' : ''}),
    ${rankedSql(read)},
    figured AS (SELECT ${rankSql(read)} AS rank, s.bucket, ${labelsSql(read)} AS labels, ${columns.join(', ')}
      FROM listed s JOIN ranked k ON ${isRankOf(read)} GROUP BY 1, 2)
    ${asJson(lineOfQuantiles(quantiles), 'FROM figured GROUP BY rank, bucket')}`;
}
