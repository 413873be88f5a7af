import { FILTER_OPERATORS, MEASURES, REQUEST_FIELDS } from '@aisix-observability/evidence';
import { API_ERRORS } from '@aisix-observability/server';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewayRequest } from '../arbitrary/gatewayRequest.ts';
import { RECORDED_ENVIRONMENT } from '../recordings/index.ts';
import { ApiRig } from './apiRig.ts';
import { DRIVER_NAMES, DRIVERS, type OpenedDriver } from './drivers.ts';
import { OWNER, VIEWER } from './readers.ts';

const NOW = 1_795_415_470_000;
const ROUTES = ['search', 'volume', 'metrics', 'get', 'values'].map((name) => `/requests/${name}`);
const ALL = [...ROUTES, '/markers/search'];

let opened: OpenedDriver;
let rig: ApiRig;

/** Texts that break out of what is put together by hand. */
const hostile = fc.constantFrom(
  "'; DROP TABLE requests; --",
  `' OR '1'='1`,
  '"; SELECT 1',
  "\\'); ATTACH '/etc/passwd'",
  '$1',
  '%s%n',
  '{{7*7}}',
  '\u0000',
  '\ud800',
  '\u202e',
  '__proto__',
  'constructor',
  'a'.repeat(2000),
  '(a+)+$',
  '((((((((((a{1,50}){1,50}){1,50}){1,50}){1,50}){1,50}){1,50}){1,50}))))',
  '[',
);
const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), hostile);
const anything = fc.oneof(text, fc.double(), fc.boolean(), fc.constant(null), fc.jsonValue());
const field = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...Object.keys(REQUEST_FIELDS)) },
  { weight: 1, arbitrary: text },
);
const filter = fc.record({
  field,
  op: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...FILTER_OPERATORS) }, { weight: 1, arbitrary: text }),
  value: fc.oneof(anything, fc.array(text, { maxLength: 4 }), fc.array(fc.integer(), { maxLength: 4 })),
});
const time = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: NOW - 1_000_000, max: NOW }) },
  { weight: 1, arbitrary: fc.double() },
);
/** Nearly right, so that most of it gets as far as the store. */
const body = fc.record(
  {
    from: time,
    to: fc.oneof({ weight: 9, arbitrary: fc.constant(NOW) }, { weight: 1, arbitrary: anything }),
    filters: fc.array(filter, { maxLength: 2 }),
    text,
    environment: fc.oneof(fc.constantFrom('prod', 'staging'), text),
    limit: fc.integer({ min: -1, max: 1100 }),
    order: fc.oneof(fc.constantFrom('newest', 'oldest'), text),
    cursor: text,
    intervalMs: fc.oneof(fc.integer({ min: 1, max: 100_000 }), anything),
    groupBy: fc.array(field, { maxLength: 3 }),
    topN: fc.integer({ min: -1, max: 60 }),
    measures: fc.array(fc.constantFrom(...MEASURES), { maxLength: 3 }),
    exact: fc.boolean(),
    requestId: text,
    field,
    search: text,
  },
  { requiredKeys: [] },
);
const KEYS: Readonly<Record<string, readonly string[]>> = {
  search: ['from', 'to', 'filters', 'text', 'environment', 'limit', 'order', 'cursor'],
  volume: ['from', 'to', 'filters', 'text', 'environment', 'intervalMs', 'groupBy', 'topN'],
  metrics: ['from', 'to', 'filters', 'text', 'environment', 'intervalMs', 'groupBy', 'topN', 'measures', 'exact'],
  get: ['environment', 'requestId'],
  values: ['from', 'to', 'environment', 'field', 'search', 'limit'],
};
const fitting = (route: string, value: object) =>
  Object.fromEntries(Object.entries(value).filter(([key]) => KEYS[route.slice(10)]?.includes(key)));

async function ask(path: string, sent: unknown, reader = VIEWER): Promise<number> {
  const response = await rig.send(path, sent, { reader });
  const answer = await response.text();
  expect(answer).not.toMatch(/node_modules|\.ts:\d|\bat [A-Za-z.]+ \(|TypeError|ZodError/);
  if (response.status === 200) return 200;
  expect(response.status, answer).toBeLessThan(500);
  const { error } = JSON.parse(answer) as { error: { code: keyof typeof API_ERRORS; message: string } };
  expect(API_ERRORS[error.code]?.status).toBe(response.status);
  expect(error.message.length).toBeLessThan(600);
  return response.status;
}

describe.each(DRIVER_NAMES)('whatever is sent, over the %s store,', (driver) => {
  beforeAll(async () => {
    opened = await DRIVERS[driver]();
    rig = new ApiRig({ store: opened.store });
    const requests = fc.sample(gatewayRequest, { numRuns: 300, seed: 4 });
    await rig.apply(
      requests.map((request, index) => ({
        ...request,
        environment: RECORDED_ENVIRONMENT,
        requestId: `${request.requestId}${index}`,
        startTime: NOW - index * 1000,
      })),
    );
  });
  afterAll(() => opened.close());

  it('any JSON gets an answer or a refusal with a code that is documented', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...ALL, '/requests/tail'), fc.jsonValue({ maxDepth: 4 }), async (path, sent) => {
        const response = await rig.send(path, JSON.stringify(sent));
        expect(response.status).toBeLessThan(500);
        await response.body?.cancel();
      }),
      { numRuns: 500 },
    );
  });

  it('any bytes do, too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...ALL), text, async (path, sent) => {
        expect(await ask(path, sent)).not.toBe(500);
      }),
      { numRuns: 300 },
    );
  });

  it('any filter, field and value reaches the store as a value or is refused', async () => {
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...ROUTES),
        body,
        fc.constantFrom(VIEWER, OWNER),
        async (route, sent, reader) => {
          if ((await ask(route, fitting(route, sent), reader)) === 200) answered += 1;
        },
      ),
      { numRuns: 1000 },
    );
    // Else it would only show that everything is refused.
    expect(answered).toBeGreaterThan(50);
  });

  it('every operator on every field gets an answer with a value of its type', async () => {
    const values = { text: 'success', number: 200, boolean: true, time: NOW } as const;
    for (const [name, { type }] of Object.entries(REQUEST_FIELDS)) {
      for (const op of FILTER_OPERATORS) {
        const one = values[type];
        const closed = REQUEST_FIELDS[name as keyof typeof REQUEST_FIELDS];
        const fit = 'values' in closed ? closed.values[0] : one;
        const value = { in: [fit], nin: [fit], exists: true, contains: '2', regex: '^2' }[op as string] ?? fit;
        const answer = await rig.post(
          '/requests/search',
          { from: NOW - 1000, to: NOW + 1, filters: [{ field: name, op, value }], limit: 1 },
          { reader: OWNER },
        );
        const code = answer.status === 200 ? 'ok' : answer.body.error.code;
        const fits = type === 'boolean' || type === 'time' ? ['ok', 'operator_not_applicable'] : ['ok'];
        expect(fits, `${name} ${op}: ${code}`).toContain(code);
      }
    }
  });
});
