import { FILTER_OPERATORS, MEASURES, REQUEST_FIELDS } from '@aisix-observability/evidence';
import { z } from '@hono/zod-openapi';
import { API_LIMITS } from '../limits.ts';

// Messages complete the sentence "expected …"; what was found is added where the refusal is made.

const limit = (name: keyof typeof API_LIMITS) => API_LIMITS[name].value;
export const whole = (what: string, min: number, max: number) =>
  z.number(what).int(`${what} without a fraction`).min(min, `${what} from ${min}`).max(max);

/** Longest name of a field or an environment that is looked at. */
const NAME_CHARACTERS = 128;

const millis = (what: string) => z.number('a time in milliseconds since 1970').openapi({ description: what });

/** Checked against the table of fields later, where near matches can be named. */
const field = z
  .string('the name of a field')
  .min(1, 'the name of a field')
  .max(NAME_CHARACTERS)
  .openapi({ enum: Object.keys(REQUEST_FIELDS) });

export const scalar = z.union(
  [z.string().max(limit('valueCharacters')), z.number(), z.boolean()],
  'a text, a number, true or false',
);

export const filterSchema = z
  .strictObject(
    {
      field,
      op: z.enum(FILTER_OPERATORS, `one of ${FILTER_OPERATORS.join(', ')}`),
      value: z.union(
        [scalar, z.array(scalar).max(limit('filterValues'))],
        'a text, a number, true, false, or a list of them',
      ),
    },
    'a filter with field, op and value',
  )
  .openapi('Filter', {
    description:
      'One condition. `in` and `nin` take a list, `exists` true or false, `regex` RE2 syntax; `contains` ignores case. `neq` and `nin` hold where the field is absent.',
    example: { field: 'outcome', op: 'in', value: ['provider_error', 'provider_timeout'] },
  });

export const environment = z
  .string('the id or the name of an environment')
  .min(1, 'the id or the name of an environment')
  .max(NAME_CHARACTERS)
  .openapi({ description: 'id or name; without it every environment that the reader may see' });

export const cursor = z
  .string('a cursor of an earlier answer')
  .min(1, 'a cursor of an earlier answer')
  .max(limit('cursorCharacters'));

/** What may be asked of the stream and of the store alike. */
const conditions = {
  environment: environment.optional(),
  filters: z.array(filterSchema, 'a list of filters').max(limit('filters')).default([]),
  text: z
    .string('a text')
    .max(limit('textCharacters'))
    .optional()
    .openapi({ description: 'looked for in every field of free text, ignoring case' }),
};

export const range = {
  from: millis('start of the range, milliseconds since 1970; belongs to it'),
  to: millis('end of the range, milliseconds since 1970; does not belong to it'),
};

const grouping = {
  groupBy: z.array(field, 'a list of fields').max(limit('groupFields')).default([]),
  topN: whole('a number of groups', 1, limit('topN'))
    .default(10)
    .openapi({ description: 'groups told apart; the rest is one series with the label `other`' }),
};

const interval = whole('a number of milliseconds', 1, limit('rangeMillis')).openapi({
  description: 'width of a bucket; buckets start at multiples of it',
});

export const searchBody = z
  .strictObject({
    ...range,
    ...conditions,
    limit: whole('a number of rows', 1, limit('rows')).default(100),
    order: z.enum(['newest', 'oldest'], '`newest` or `oldest`').default('newest'),
    cursor: cursor.optional(),
  })
  .openapi('SearchBody');

export const volumeBody = z
  .strictObject({ ...range, ...conditions, ...grouping, intervalMs: interval })
  .openapi('VolumeBody');

export const metricsBody = z
  .strictObject({
    ...range,
    ...conditions,
    ...grouping,
    intervalMs: interval
      .optional()
      .openapi({ description: 'width of a bucket; without it one bucket for the whole range' }),
    measures: z
      .array(z.enum(MEASURES, `one of ${MEASURES.join(', ')}`), 'a list of measures')
      .min(1, 'at least one measure')
      .max(MEASURES.length),
    exact: z
      .boolean('true or false')
      .default(false)
      .openapi({ description: 'quantiles from the rows and not from histograms, whose error is at most 5 %' }),
  })
  .openapi('MetricsBody');

export const getBody = z
  .strictObject({
    environment,
    requestId: z.string('the id of a request').min(1, 'the id of a request').max(limit('valueCharacters')),
  })
  .openapi('GetBody');

export const valuesBody = z
  .strictObject({
    ...range,
    environment: environment.optional(),
    field,
    search: z.string('a part of the value').max(limit('textCharacters')).optional(),
    limit: whole('a number of values', 1, limit('listedValues')).default(100),
  })
  .openapi('ValuesBody');

export const tailBody = z.strictObject({ ...conditions, cursor: cursor.optional() }).openapi('TailBody');

export const markersBody = z
  .strictObject({
    ...range,
    environment: environment.optional(),
    limit: whole('a number of markers', 1, limit('rows')).default(100),
    cursor: cursor.optional(),
  })
  .openapi('MarkersBody');

export type FilterBody = z.output<typeof filterSchema>;
export type SearchBody = z.output<typeof searchBody>;
export type VolumeBody = z.output<typeof volumeBody>;
export type MetricsBody = z.output<typeof metricsBody>;
export type GetBody = z.output<typeof getBody>;
export type ValuesBody = z.output<typeof valuesBody>;
export type TailBody = z.output<typeof tailBody>;
export type MarkersBody = z.output<typeof markersBody>;

/** What a client writes: keys with a default may be left out. */
export type SearchInput = z.input<typeof searchBody>;
export type VolumeInput = z.input<typeof volumeBody>;
export type MetricsInput = z.input<typeof metricsBody>;
export type ValuesInput = z.input<typeof valuesBody>;
export type TailInput = z.input<typeof tailBody>;
export type MarkersInput = z.input<typeof markersBody>;
