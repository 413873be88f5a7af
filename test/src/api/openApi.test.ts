import { readdirSync, readFileSync } from 'node:fs';
import { silentLog, silentRecorder } from '@aisix-observability/pipeline';
import { API_ERRORS, API_ROUTES, apiApp, gatewayRequestSchema } from '@aisix-observability/server';
import { Validator } from '@seriousme/openapi-schema-validator';
import { beforeAll, describe, expect, it } from 'vitest';
import { RECORDINGS } from '../recordings/index.ts';
import { recordedRequests } from '../store/recordedStore.ts';
import { ApiRig } from './apiRig.ts';
import { OWNER } from './readers.ts';

interface Operation {
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, { schema: object }>> }>>;
}
type Document = {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};

let document: Document;
const rig = new ApiRig();
beforeAll(async () => {
  document = (await rig.get<Document>('/openapi.json', OWNER)).body;
});

describe('the OpenAPI document', () => {
  it('is one', async () => {
    expect(document.openapi).toBe('3.1.0');
    const validator = new Validator();
    const result = await validator.validate(structuredClone(document));
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
    expect(() => validator.resolveRefs()).not.toThrow();
  });

  it('has every route of the api listener, and no other', () => {
    const app = apiApp({
      state: () => 'ready',
      recorder: silentRecorder,
      log: silentLog,
      tracer: undefined,
      identify: async () => ({ refusal: { status: 401, code: 'token_required', message: '' } }),
      requests: rig.api,
      metricsText: async () => '',
      status: async () => ({}),
    });
    const served = app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`);
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.toSorted()).toEqual([...new Set(served)].toSorted());
    // And identity knows every one of them.
    const guarded = Object.keys(API_ROUTES);
    expect(described.filter((route) => !/\/(health|ready)$/.test(route)).toSorted()).toEqual(guarded.toSorted());
  });

  it('has every code of every refusal, at its status', () => {
    const codesOf = (operation: Operation) =>
      Object.entries(operation.responses).flatMap(([status, { content }]) =>
        [...JSON.stringify(content ?? {}).matchAll(/"enum":\[([^\]]*)\]/g)].flatMap(([, list = '']) =>
          (JSON.parse(`[${list}]`) as string[]).map((code) => `${status} ${code}`),
        ),
      );
    const told = new Set(
      Object.values(document.paths).flatMap((operations) => Object.values(operations).flatMap(codesOf)),
    );
    const missing = Object.entries(API_ERRORS).filter(([code, { status }]) => !told.has(`${status} ${code}`));
    expect(missing).toEqual([]);
    const identity = new URL('../../../server/src/identity/', import.meta.url);
    const sources = readdirSync(identity)
      .filter((name) => /^[a-zA-Z]+\.ts$/.test(name))
      .map((name) => readFileSync(new URL(name, identity), 'utf8'))
      .join('\n');
    const codes = [...sources.matchAll(/'((?:identity|token|datasource|scope)_[a-z_]+)'/g)].map(([, code]) => code);
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((code) => ![...told].some((each) => each.endsWith(` ${code}`)))).toEqual([]);
  });

  it.each(RECORDINGS)('describes every request of %s, with no field left out', (name) => {
    for (const request of recordedRequests(name).requests) {
      expect(gatewayRequestSchema.parse(request)).toEqual(JSON.parse(JSON.stringify(request)));
    }
  });

  it('describes bodies with the limits that hold', () => {
    const text = JSON.stringify(document);
    for (const name of ['SearchBody', 'VolumeBody', 'MetricsBody', 'GetBody', 'ValuesBody', 'TailBody', 'MarkersBody'])
      expect(text).toContain(`"${name}":`);
    expect(text).toContain('"maximum":1000');
    expect(text).toContain('"requestedModel"');
  });
});
