import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_REGEX_LENGTH } from '../check/checkFilters.ts';
import type { FilterOperator, RequestField } from '../fields.ts';
import { MAX_BUCKETS, type RequestFilter } from '../query.ts';
import { type EvidenceStore, StoreQueryError } from '../store.ts';
import { ALWAYS, clearScope, everything, requestsOf } from './answers.ts';
import { exampleRequest } from './exampleRequest.ts';
import { type Conformance, Rig } from './rig.ts';

/** Refused by RE2, or by what it allows a single expression to cost. */
const BAD_REGEXES = [
  '(',
  ')',
  '[a',
  '*a',
  'a**',
  'a{1001}',
  '(a{1000}){1000}',
  '(a)\\1',
  '(?=a)',
  '(?!a)',
  '(?<=a)b',
  '\\',
  '[z-a]',
  '(?P<n',
  '\\8',
];
/** Slow where matching goes back and tries again. */
const EXPLODING = ['(a+)+$', '^(a|a)*$', '(a|aa)+$', '(.*a){20}$', '^(([a-z])+.)+[A-Z]([a-z])+$'];

type Ask = readonly [code: string, name: string, ask: (store: EvidenceStore) => Promise<unknown>];

const searchWith = (field: string, op: string, value: unknown) => (store: EvidenceStore) =>
  store.search({
    ...everything('prod'),
    filters: [{ field: field as RequestField, op: op as FilterOperator, value: value as RequestFilter['value'] }],
  });
const SERIES = { ...everything('prod'), from: 0, to: 100, groupBy: [], topN: 5, intervalMs: 10 };

const ASKED: readonly Ask[] = [
  ['field_unknown', 'a field that does not exist', searchWith('statusCode', 'eq', 200)],
  ['field_unknown', 'a name that every object has', searchWith('constructor', 'eq', 'x')],
  ['field_unknown', 'SQL for a field', searchWith('status" = 1 OR "status', 'eq', 200)],
  ['operator_unsupported', 'an operator that does not exist', searchWith('status', 'like', 200)],
  ['operator_unsupported', 'an order of booleans', searchWith('stream', 'gt', false)],
  ['operator_unsupported', 'a pattern on a time', searchWith('startTime', 'regex', '1')],
  ['value_type', 'text for a number', searchWith('status', 'eq', '200')],
  ['value_type', 'a number for text', searchWith('requestedModel', 'eq', 4)],
  ['value_type', 'a list for one', searchWith('status', 'eq', [200])],
  ['value_type', 'one for a list', searchWith('status', 'in', 200)],
  ['value_type', 'a mixed list', searchWith('status', 'in', [200, '404'])],
  ['value_type', 'no number at all', searchWith('status', 'eq', Number.NaN)],
  ['value_type', 'nothing', searchWith('requestedModel', 'eq', undefined)],
  ['value_type', 'an object', searchWith('requestedModel', 'eq', { $ne: '' })],
  ['value_type', 'text for exists', searchWith('status', 'exists', 'true')],
  ['regex_too_long', 'a long expression', searchWith('requestedModel', 'regex', 'a'.repeat(MAX_REGEX_LENGTH + 1))],
  ['range_invalid', 'a range reversed', (store) => store.search({ ...everything('prod'), from: 2, to: 1 })],
  ['range_invalid', 'a range of nothing', (store) => store.search({ ...everything('prod'), from: Number.NaN })],
  ['limit_invalid', 'a limit of 0', (store) => store.search({ ...everything('prod'), limit: 0 })],
  ['limit_invalid', 'a limit with a fraction', (store) => store.search({ ...everything('prod'), limit: 1.5 })],
  ['limit_invalid', 'fewer groups than none', (store) => store.volume({ ...SERIES, topN: -1 })],
  ['interval_invalid', 'buckets of no width', (store) => store.volume({ ...SERIES, intervalMs: 0 })],
  ['interval_invalid', 'buckets of half a millisecond', (store) => store.volume({ ...SERIES, intervalMs: 0.5 })],
  ['too_many_buckets', 'very many buckets', (store) => store.volume({ ...SERIES, to: (MAX_BUCKETS + 1) * 10 })],
  ['group_unsupported', 'groups by an id', (store) => store.volume({ ...SERIES, groupBy: ['requestId'] })],
  ['group_unsupported', 'groups by attempts', (store) => store.volume({ ...SERIES, groupBy: ['attempt.model'] })],
  [
    'field_unknown',
    'groups by what does not exist',
    (store) => store.volume({ ...SERIES, groupBy: ['x' as RequestField] }),
  ],
  ['group_unsupported', 'a list of times', (store) => store.values({ ...everything('prod'), field: 'startTime' })],
  [
    'field_unknown',
    'a list of what does not exist',
    (store) => store.values({ ...everything('prod'), field: 'x' as RequestField }),
  ],
  [
    'visibility_unsupported',
    'hiding what cannot be hidden',
    (store) =>
      store.search({ ...everything(), scope: { environments: ['prod'], visibility: { status: 'hidden' } as object } }),
  ],
  ...['', '-1', '1e3', 'x', '0x1', '18446744073709551616', "1' OR '1"].map(
    (key): Ask => [
      'cursor_invalid',
      `a cursor with key ${key}`,
      (store) => store.search({ ...everything('prod'), after: { timeMicros: 1, key } }),
    ],
  ),
  [
    'cursor_invalid',
    'a cursor of half a microsecond',
    (store) => store.search({ ...everything('prod'), after: { timeMicros: 0.5, key: '1' } }),
  ],
  ...['', 'x', '-5', "1'; DROP TABLE requests", '9'.repeat(40)].map(
    (after): Ask => ['cursor_invalid', `a read from ${after}`, (store) => store.read({ ...ALWAYS, limit: 1, after })],
  ),
];

/** Questions that cannot be answered are refused by name, and cost nothing. */
export function describeRefusals(conformance: Conformance): void {
  describe('refusals', () => {
    let rig: Rig;
    beforeAll(async () => {
      rig = await Rig.open(conformance);
      await rig.apply([exampleRequest({ requestedModel: `${'a'.repeat(2_000)}!` })]);
    });
    afterAll(() => rig?.close());

    it.each(ASKED)('%s: %s', async (code, _, ask) => {
      for (const store of rig.both) {
        const error = await ask(store).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expect(error).toBeInstanceOf(StoreQueryError);
        expect(error).toMatchObject({ code });
      }
    });

    it.each(BAD_REGEXES)('regex_invalid: %s', async (value) => {
      for (const field of ['requestedModel', 'attempt.model', 'status'] as const) {
        await expect(searchWith(field, 'regex', value)(rig.store)).rejects.toMatchObject({
          name: 'StoreQueryError',
          code: 'regex_invalid',
          field: 'filters[0].value',
        });
      }
    });

    it('a regular expression that RE2 refuses is refused by every query, also where no row is looked at', async () => {
      const filters = [{ field: 'requestedModel', op: 'regex', value: '(' }] as const;
      const asked = { ...everything('prod'), scope: clearScope('nowhere'), filters };
      const refused = { code: 'regex_invalid' };
      await expect(rig.store.search(asked)).rejects.toMatchObject(refused);
      await expect(rig.store.volume({ ...SERIES, filters })).rejects.toMatchObject(refused);
      await expect(rig.store.metrics({ ...SERIES, filters, measures: ['p95'] })).rejects.toMatchObject(refused);
      await expect(rig.store.changed({ ...asked, afterVersion: 0 })).rejects.toMatchObject(refused);
    });

    it.each(EXPLODING)('%s ends', async (value) => {
      expect(requestsOf(await searchWith('requestedModel', 'regex', value)(rig.store))).toEqual([]);
    });
  });
}
