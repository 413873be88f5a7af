import { FILTER_OPERATORS, MEASURES } from '@aisix-observability/evidence';
import { z } from '@hono/zod-openapi';
import { gatewayRequest } from './request.ts';

const millis = z.number().openapi({ description: 'milliseconds since 1970' });
export const nextCursor = z.string().optional().openapi({ description: 'absent when there is no more' });

const stats = z
  .object({
    elapsedMs: z.number(),
    rows: z.number(),
    searchedFrom: millis.optional(),
    searchedTo: millis.optional(),
  })
  .openapi('QueryStats');

export const searchAnswer = z.object({ requests: z.array(gatewayRequest), nextCursor, stats }).openapi('SearchAnswer');

export const getAnswer = z.object({ requests: z.array(gatewayRequest), stats }).openapi('GetAnswer');

const series = z.object({
  labels: z
    .record(z.string(), z.string())
    .openapi({ description: 'value by group field; `other` alone for what is beyond the top groups' }),
  values: z.array(z.number().nullable()).openapi({ description: 'one for each bucket; null: nothing is known' }),
});
const seriesStats = stats.extend({ source: z.enum(['rollup', 'rows']) });
const buckets = z.array(millis).openapi({ description: 'start of each bucket, without gaps' });

export const volumeAnswer = z.object({ buckets, series: z.array(series), stats: seriesStats }).openapi('VolumeAnswer');

export const metricsAnswer = z
  .object({ buckets, series: z.array(series.extend({ measure: z.enum(MEASURES) })), stats: seriesStats })
  .openapi('MetricsAnswer');

export const valuesAnswer = z
  .object({
    values: z.array(z.object({ value: z.string(), count: z.number().optional(), name: z.string().optional() })),
    more: z.boolean(),
  })
  .openapi('ValuesAnswer');

export const fieldsAnswer = z
  .object({
    fields: z.array(
      z.object({
        name: z.string(),
        type: z.enum(['text', 'number', 'boolean', 'time']),
        scope: z.enum(['request', 'attempts']),
        description: z.string(),
        unit: z.string().optional(),
        values: z.array(z.string()).optional(),
        operators: z.array(z.enum(FILTER_OPERATORS)),
        groupable: z.boolean(),
        listable: z.boolean(),
        freeText: z.boolean(),
        hashed: z.boolean(),
      }),
    ),
    measures: z.array(z.enum(MEASURES)),
    environments: z
      .array(z.object({ id: z.string(), name: z.string() }))
      .openapi({ description: 'those that the reader may see' }),
  })
  .openapi('FieldsAnswer');

export const marker = z
  .object({
    id: z.string(),
    time: millis,
    timeEnd: millis.optional(),
    kind: z.string(),
    action: z.string(),
    count: z.number().int(),
    environment: z.string().optional(),
  })
  .openapi('Marker');

export const gap = z
  .object({ feed: z.string(), environment: z.string().optional(), from: millis, to: millis.optional() })
  .openapi('Gap');

export const markersAnswer = z
  .object({ markers: z.array(marker), gaps: z.array(gap), nextCursor })
  .openapi('MarkersAnswer');

/** One line of a tail. */
export const tailLine = z
  .union([
    z.object({ requests: z.array(gatewayRequest), cursor: z.string() }),
    z.object({ heartbeat: millis, cursor: z.string() }),
    z.object({ missed: z.object({ from: millis, to: millis }), cursor: z.string() }),
    z.object({
      end: z.enum(['token_expired', 'stopping', 'query_timeout', 'store_unavailable', 'failed']),
      cursor: z.string(),
    }),
  ])
  .openapi('TailLine');

export type SearchAnswer = z.output<typeof searchAnswer>;
export type GetAnswer = z.output<typeof getAnswer>;
export type VolumeAnswer = z.output<typeof volumeAnswer>;
export type MetricsAnswer = z.output<typeof metricsAnswer>;
export type ValuesAnswer = z.output<typeof valuesAnswer>;
export type MarkersAnswer = z.output<typeof markersAnswer>;
export type TailLine = z.output<typeof tailLine>;
export type FieldsAnswer = z.output<typeof fieldsAnswer>;
export type Marker = z.output<typeof marker>;
export type Gap = z.output<typeof gap>;
