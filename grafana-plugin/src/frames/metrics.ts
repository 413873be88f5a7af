import { createDataFrame, type DataFrame, DataFrameType, type Field, FieldType } from '@grafana/data';
import type { Measure, MetricsAnswer } from '../api/contract';
import { shortText } from './plainText';

/** What a measure is called, and in which of Grafana's units it is. */
export const MEASURE_WORDS: Readonly<Record<Measure, readonly [words: string, unit: string]>> = {
  rate: ['Requests a second', 'reqps'],
  count: ['Requests', 'short'],
  error_ratio: ['Error ratio', 'percentunit'],
  p50: ['Latency p50', 'ms'],
  p95: ['Latency p95', 'ms'],
  p99: ['Latency p99', 'ms'],
  ttft_p95: ['First token p95', 'ms'],
  tokens_in: ['Input tokens', 'short'],
  tokens_out: ['Output tokens', 'short'],
  cost: ['Cost', 'currencyUSD'],
};

/** Characters of a name in a legend. */
const LEGEND = 80;

/** A group whose field is absent. */
const ABSENT = '(none)';

type Answer = Pick<MetricsAnswer, 'buckets' | 'series'>;
type Series = Answer['series'][number];

/** Name of a series: its group where there is one, else its measure, and both where several measures are asked for. */
function legendOf({ measure, labels }: Series, groupBy: readonly string[], manyMeasures: boolean): string {
  const [words] = MEASURE_WORDS[measure];
  const group = 'other' in labels ? ['other'] : namesOf(labels, groupBy).map((value) => value || ABSENT);
  const parts = group.length === 0 ? [words] : manyMeasures ? [words, ...group] : group;
  return shortText(parts.join(' · '), LEGEND);
}

/** Values of a group in the order asked for. The id of a caller key is only told where its name is not known. */
function namesOf(labels: Series['labels'], groupBy: readonly string[]): readonly (string | undefined)[] {
  const both = groupBy.includes('apiKeyName') && groupBy.includes('apiKeyId');
  const left = labels.apiKeyName === undefined ? 'apiKeyName' : 'apiKeyId';
  return groupBy.filter((field) => !both || field !== left).map((field) => labels[field]);
}

/** A frame a series, as charts take them. What is not known stays empty and is never a zero. */
export function seriesFrames({ buckets, series }: Answer, groupBy: readonly string[], refId: string): DataFrame[] {
  const manyMeasures = new Set(series.map(({ measure }) => measure)).size > 1;
  return series.map((each) =>
    createDataFrame({
      refId,
      meta: { type: DataFrameType.TimeSeriesMulti, typeVersion: [0, 1], preferredVisualisationType: 'graph' },
      fields: [
        { name: 'Time', type: FieldType.time, values: [...buckets] },
        {
          name: each.measure,
          type: FieldType.number,
          labels: each.labels,
          config: { unit: MEASURE_WORDS[each.measure][1], displayNameFromDS: legendOf(each, groupBy, manyMeasures) },
          values: [...each.values],
        },
      ],
    }),
  );
}

/** One row a group, a column a measure: for tables and for panels of one number. */
export function totalFrame({ series }: Answer, groupBy: readonly string[], refId: string): DataFrame {
  const measures = [...new Set(series.map(({ measure }) => measure))];
  const rows = new Map<string, { readonly labels: Series['labels']; readonly values: Map<Measure, number | null> }>();
  for (const { labels, measure, values } of series) {
    const key = JSON.stringify(Object.entries(labels));
    const row = rows.get(key) ?? { labels, values: new Map() };
    row.values.set(measure, values[0] ?? null);
    rows.set(key, row);
  }
  const all = [...rows.values()];
  const groups = groupBy.map((field): Partial<Field> & { name: string } => ({
    name: field,
    type: FieldType.string,
    values: all.map(({ labels }) => labels[field] ?? ('other' in labels ? 'other' : ABSENT)),
  }));
  return createDataFrame({
    refId,
    meta: { preferredVisualisationType: 'table' },
    fields: [
      ...groups,
      ...measures.map((measure) => ({
        name: measure,
        type: FieldType.number,
        config: { displayName: MEASURE_WORDS[measure][0], unit: MEASURE_WORDS[measure][1] },
        values: all.map(({ values }) => values.get(measure) ?? null),
      })),
    ],
  });
}
