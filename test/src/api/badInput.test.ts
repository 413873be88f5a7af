import { describe, expect, it } from 'vitest';
import { ApiRig } from './apiRig.ts';
import { OWNER, STAGING, STRANGER, VIEWER } from './readers.ts';

const NOW = 1_795_415_470_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const range = { from: NOW - HOUR, to: NOW };
const withFilter = (field: unknown, op: unknown, value: unknown) => ({ ...range, filters: [{ field, op, value }] });
const text = (length: number) => 'x'.repeat(length);

const rig = new ApiRig();

/** Body, then the code, the place or value that the message names, and the hint. */
const SEARCH: Readonly<Record<string, readonly [body: unknown, code: string, says: string, hint?: string]>> = {
  'no JSON': ['{"from":', 'body_invalid', 'not JSON'],
  'nothing at all': ['', 'body_invalid', 'not JSON'],
  'a list': [[], 'body_invalid', 'no object'],
  null: ['null', 'body_invalid', 'no object'],
  'no range': [{}, 'value_missing', '`from`'],
  'a key that does not exist': [{ ...range, limits: 5 }, 'key_unknown', '"limits"', 'did you mean `limit`?'],
  'a key that poisons': ['{"from":1,"to":2,"__proto__":{"limit":1}}', 'key_unknown', '__proto__'],
  'a key of a filter': [
    { ...range, filters: [{ field: 'status', op: 'eq', valeu: 1, value: 1 }] },
    'key_unknown',
    '`filters[0]`',
    '`value`',
  ],
  'a time as text': [{ ...range, from: '2026-11-23' }, 'value_invalid', '`from` holds "2026-11-23"'],
  'a range reversed': [{ from: NOW, to: NOW - 1 }, 'range_reversed', String(NOW), 'exchange'],
  'a range of nothing': [{ from: NOW, to: NOW }, 'range_reversed', String(NOW)],
  'a range of a year': [{ from: NOW - 365 * DAY, to: NOW }, 'range_too_long', '365d', 'piece by piece'],
  'a range since ever': [{ from: 0, to: NOW }, 'range_too_long', '92d'],
  seconds: [{ from: NOW / 1000 - 3600, to: NOW / 1000 }, 'time_not_millis', 'seconds', '2026-11-23T'],
  microseconds: [{ from: (NOW - HOUR) * 1000, to: NOW * 1000 }, 'time_not_millis', 'microseconds', '2026-11-23T'],
  nanoseconds: [{ from: (NOW - HOUR) * 1e6, to: NOW * 1e6 }, 'time_not_millis', 'nanoseconds', '2026-11-23T'],
  'a time beyond all numbers': ['{"from":1e999,"to":2}', 'value_invalid', '`from`'],
  'limit beyond the cap': [{ ...range, limit: 1001 }, 'limit_exceeded', '`limit` is limited to 1000, found 1001'],
  'limit of none': [{ ...range, limit: 0 }, 'value_invalid', '`limit`'],
  'half a row': [{ ...range, limit: 1.5 }, 'value_invalid', '`limit`'],
  'an order that is none': [{ ...range, order: 'newst' }, 'value_invalid', '`order`', 'did you mean `newest`?'],
  'too many filters': [
    { ...range, filters: Array.from({ length: 33 }, () => ({ field: 'status', op: 'eq', value: 200 })) },
    'limit_exceeded',
    '`filters` is limited to 32 entries, found 33',
  ],
  'too many values': [
    withFilter(
      'status',
      'in',
      Array.from({ length: 201 }, (_, i) => i),
    ),
    'limit_exceeded',
    '`filters[0].value` is limited to 200 entries',
  ],
  'a value too long': [withFilter('traceId', 'eq', text(1025)), 'limit_exceeded', '1024 characters, found 1025'],
  'a value in a list too long': [withFilter('traceId', 'in', ['', text(1025)]), 'limit_exceeded', 'value[1]'],
  'text too long': [{ ...range, text: text(257) }, 'limit_exceeded', '`text`'],
  'a regex too long': [withFilter('errorMessage', 'regex', text(257)), 'limit_exceeded', '256 characters'],
  'a regex that is none': [withFilter('errorMessage', 'regex', '(a'), 'regex_invalid', 'filters[0].value'],
  'a regex of another dialect': [withFilter('errorMessage', 'regex', '(?=a)b'), 'regex_invalid', 'filters[0].value'],
  'a field misspelt': [withFilter('requestModel', 'eq', 'x'), 'field_unknown', 'requestModel', '`requestedModel`'],
  'a part of a field': [withFilter('userAgent', 'eq', 'x'), 'field_unknown', 'userAgent', '`client.userAgent`'],
  'a field of all objects': [withFilter('constructor', 'eq', 'x'), 'field_unknown', '"constructor"'],
  'a field with SQL in it': [withFilter("status' OR 1=1 --", 'eq', 1), 'field_unknown', 'filters[0].field'],
  'a field with line breaks': [withFilter('a\nb\u202e', 'eq', 1), 'field_unknown', String.raw`"a\nb\u202e"`],
  'an operator misspelt': [withFilter('status', 'equals', 200), 'value_invalid', '`filters[0].op`'],
  'order of true and false': [withFilter('stream', 'gt', true), 'operator_not_applicable', 'boolean', 'eq, neq'],
  'a pattern of times': [withFilter('startTime', 'regex', '1'), 'operator_not_applicable', 'time'],
  'text for a number': [withFilter('status', 'eq', 'two hundred'), 'value_invalid', '"two hundred"'],
  'number for a text': [withFilter('requestId', 'eq', 5), 'value_invalid', 'expected a text'],
  'a list for one value': [withFilter('status', 'eq', [200]), 'value_invalid', 'expected one value'],
  'one value for a list': [withFilter('status', 'in', 200), 'value_invalid', 'expected a list'],
  'an empty list': [withFilter('status', 'in', []), 'value_invalid', 'at least one'],
  'null for a value': [withFilter('status', 'eq', null), 'value_invalid', 'null'],
  'exists of a text': [withFilter('status', 'exists', 'yes'), 'value_invalid', 'true or false'],
  'a word that the set does not have': [withFilter('outcome', 'eq', 'sucess'), 'value_invalid', 'never', '`success`'],
  'a time in seconds in a filter': [withFilter('startTime', 'gt', NOW / 1000), 'time_not_millis', 'filters[0].value'],
  'a hidden field': [withFilter('jwt.subject', 'eq', 'x'), 'field_hidden', '`jwt.subject`'],
  'a part of a hash': [withFilter('client.address', 'contains', '10.'), 'field_hashed', '`client.address`', 'nin'],
  'a cursor of somebody': [{ ...range, cursor: 'abc' }, 'cursor_invalid', 'cursor'],
  'a cursor that is too long': [{ ...range, cursor: text(300) }, 'limit_exceeded', '`cursor`'],
  'an environment that does not exist': [
    { ...range, environment: 'nowhere' },
    'environment_unknown',
    '"nowhere"',
    'prod',
  ],
};

describe('a search says what is wrong with', () => {
  it.each(Object.entries(SEARCH))('%s', async (_, [body, code, says, hint]) => {
    const answer = await rig.post('/requests/search', body);
    expect(answer.body.error.code).toBe(code);
    expect(answer.body.error.message).toContain(says);
    if (hint !== undefined) expect(answer.body.error.hint).toContain(hint);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
    expect(JSON.parse(JSON.stringify(answer.body.error.message))).not.toMatch(/[\u0000-\u001f\u202e]/);
  });

  it('a body that is sent as something else', async () => {
    const answer = await rig.post('/requests/search', range, { headers: { 'content-type': 'text/plain' } });
    expect([answer.status, answer.body.error.code]).toEqual([415, 'content_type_invalid']);
  });

  it('a body of too many bytes or values', async () => {
    const bytes = await rig.post('/requests/search', { ...range, text: text(300_000) });
    expect([bytes.status, bytes.body.error.code]).toEqual([413, 'body_too_large']);
    const values = await rig.post('/requests/search', { ...range, filters: Array.from({ length: 20_000 }, () => 0) });
    expect([values.status, values.body.error.code]).toEqual([413, 'body_too_large']);
    const deep = await rig.post('/requests/search', `{"filters":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
    expect([deep.status, deep.body.error.code]).toEqual([413, 'body_too_large']);
  });

  it('everything at once: the first problem, and how many more', async () => {
    const { body } = await rig.post('/requests/search', { from: 'a', to: 'b', limit: 'c' });
    expect(body.error).toMatchObject({ code: 'value_invalid', hint: '2 more values are wrong' });
  });
});

describe('other routes say what is wrong', () => {
  const CASES: readonly (readonly [path: string, body: object, code: string])[] = [
    ['/requests/volume', { ...range, intervalMs: 10 }, 'buckets_too_many'],
    ['/requests/volume', { ...range, intervalMs: 0 }, 'value_invalid'],
    ['/requests/volume', { ...range, intervalMs: 60_000, groupBy: ['requestId'] }, 'field_not_groupable'],
    ['/requests/volume', { ...range, intervalMs: 60_000, groupBy: ['outcom'] }, 'field_unknown'],
    ['/requests/volume', { ...range, intervalMs: 60_000, groupBy: ['status', 'status'] }, 'value_invalid'],
    ['/requests/volume', { ...range, intervalMs: 60_000, groupBy: ['status'], topN: 51 }, 'limit_exceeded'],
    ['/requests/volume', { ...range, intervalMs: 1000, groupBy: ['status'], topN: 50 }, 'ok'],
    ['/requests/volume', { ...range, intervalMs: 500, groupBy: ['status'], topN: 50 }, 'points_too_many'],
    ['/requests/metrics', { ...range, measures: [] }, 'value_invalid'],
    ['/requests/metrics', { ...range, measures: ['p59'] }, 'value_invalid'],
    ['/requests/metrics', { ...range }, 'value_missing'],
    ['/requests/get', { requestId: 'x' }, 'value_missing'],
    ['/requests/get', { environment: 'prod', requestId: '' }, 'value_invalid'],
    ['/requests/get', { environment: 'prod', requestId: 5 }, 'value_invalid'],
    ['/requests/values', { ...range, field: 'requestId' }, 'field_not_listable'],
    ['/requests/values', { ...range, field: 'startTime' }, 'field_not_listable'],
    ['/requests/values', { ...range, field: 'jwt.subject' }, 'field_hidden'],
    ['/requests/values', { ...range, field: 'statsu' }, 'field_unknown'],
    ['/requests/tail', { filters: [{ field: 'errorMessage', op: 'regex', value: '(' }] }, 'regex_invalid'],
    ['/requests/tail', { cursor: 'AAAA' }, 'cursor_invalid'],
    ['/requests/tail', { from: 1 }, 'key_unknown'],
    ['/markers/search', { from: NOW, to: 1 }, 'time_not_millis'],
    ['/markers/search', { ...range, cursor: 'AAAAAAAAAAAAAAAAAAAA' }, 'cursor_mismatch'],
  ];
  it.each(CASES)('%s %j: %s', async (path, body, code) => {
    const answer = await rig.post(path, body);
    expect(answer.status === 200 ? 'ok' : answer.body.error.code).toBe(code);
  });
});

describe('environments', () => {
  const ask = (environment: string, reader = VIEWER) =>
    rig.post('/requests/search', { ...range, environment }, { reader });

  it('are named by id or name', async () => {
    for (const name of ['prod', VIEWER.environments[0] ?? '']) expect((await ask(name)).status).toBe(200);
    expect((await ask('staging', OWNER)).status).toBe(200);
  });

  it('that exist and may not be seen get the same answer as those that do not exist', async () => {
    const answers = await Promise.all([ask('staging'), ask(STAGING), ask('nowhere')]);
    const told = answers.map(({ status, body }) =>
      JSON.stringify({ status, body }).replace(/environment \\"[^"]*"/, ''),
    );
    expect(new Set(told).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 403, body: { error: { code: 'environment_unknown' } } });
    expect(answers[0]?.body.error.hint).not.toContain('staging');
  });

  it('a reader who may see none is told so', async () => {
    const answer = await rig.post('/requests/search', range, { reader: STRANGER });
    expect([answer.status, answer.body.error.code]).toEqual([403, 'environment_none']);
  });

  it('a filter cannot widen what the reader sees', async () => {
    await rig.apply([
      {
        requestId: 'secret',
        environment: STAGING,
        n: 0,
        state: 'final',
        timing: 'measured',
        startTime: NOW - 10,
        endTime: NOW,
        durationMs: 10,
        outcome: 'success',
        revision: 0,
        feeds: ['usage'],
        attempts: [],
      },
    ]);
    for (const value of ['staging', STAGING]) {
      const filters = [{ field: 'environment', op: 'eq', value }];
      const mine = await rig.post<{ requests: unknown[] }>('/requests/search', { ...range, filters });
      expect(mine.body.requests).toEqual([]);
      const theirs = await rig.post<{ requests: unknown[] }>(
        '/requests/search',
        { ...range, filters },
        { reader: OWNER },
      );
      expect(theirs.body.requests).toHaveLength(1);
    }
    // Who may see both gets the one that is named.
    for (const [environment, found] of [
      ['prod', 0],
      ['staging', 1],
    ] as const) {
      const body = { ...range, environment };
      const one = await rig.post<{ requests: unknown[] }>('/requests/search', body, { reader: OWNER });
      expect(one.body.requests).toHaveLength(found);
      const got = { environment, requestId: 'secret' };
      const same = await rig.post<{ requests: unknown[] }>('/requests/get', got, { reader: OWNER });
      expect(same.body.requests).toHaveLength(found);
    }
  });
});
