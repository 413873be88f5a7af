import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RECORDED_DATA_PLANE, RECORDED_ENVIRONMENT } from '../decode/testing/recordings.ts';
import { identityFromNames } from './peerIdentity.ts';
import { telemetryReceiver } from './telemetry.ts';
import { type Bench, createBench } from './testing/bench.ts';
import { createTestAuthority, type TestCertificate } from './testing/certificates.ts';
import { listen, send, type TestServer } from './testing/httpServer.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const ENV = `URI:x-aisix://env/${RECORDED_ENVIRONMENT}`;
const DP = `URI:x-aisix://dp/${RECORDED_DATA_PLANE}`;
const BODY = '{"events":[{"request_id":"r","occurred_at":"2026-11-23T11:00:00Z","attempt_index":0,"status_code":200}]}';

describe('who a client certificate says it is', () => {
  it.each([
    ['as the gateway writes it', `${ENV}, ${DP}`],
    ['in the other order, with more names', `DNS:dp.example, ${DP}, IP Address:127.0.0.1, ${ENV}`],
    ['with foreign names that need quotes', `${ENV}, URI:"x-other://a,\\u0020URI:b", ${DP}`],
  ])('%s', (_, names) => {
    expect(identityFromNames(names)).toEqual({ environment: RECORDED_ENVIRONMENT, dataPlane: RECORDED_DATA_PLANE });
  });

  it.each([
    ['nothing', undefined],
    ['no environment', DP],
    ['no data plane', ENV],
    ['two environments', `${ENV}, ${DP}, URI:x-aisix://env/other`],
    ['two data planes', `${ENV}, ${DP}, URI:x-aisix://dp/other`],
    ['an environment inside quotes', `URI:"x-aisix://env/a, URI:x-aisix://env/b", ${DP}`],
    ['names in a DNS entry', `DNS:x-aisix://env/a, ${DP}`],
    ['a second entry hidden in one name', `URI:"x\\u002c URI:x-aisix://env/evil", ${DP}`],
    ['quotes that do not end', `${ENV}, ${DP}, URI:"x`],
    ['a path behind the id', `URI:x-aisix://env/a/b, ${DP}`],
    ['nonsense', 'nonsense'],
  ])('nobody: %s', (_, names) => {
    expect(identityFromNames(names)).toBeUndefined();
  });
});

describe('telemetry with client certificates', () => {
  const authority = createTestAuthority();
  const stranger = createTestAuthority('stranger');
  const bench: Bench = createBench(NOW);
  let server: TestServer;

  beforeAll(async () => {
    const own = authority.issue('localhost', ['DNS:localhost', 'IP:127.0.0.1']);
    const app = telemetryReceiver({
      ...bench,
      tokens: [{ token: 'prod-token', environment: RECORDED_ENVIRONMENT }],
      environmentOf: (nameOrId) =>
        nameOrId === 'prod' || nameOrId === RECORDED_ENVIRONMENT ? RECORDED_ENVIRONMENT : undefined,
    });
    const tls = { cert: own.cert, key: own.key, ca: authority.cert, requestCert: true, rejectUnauthorized: false };
    server = await listen(app, tls);
  });
  afterAll(() => server.close());
  beforeEach(() => {
    bench.deliveries.length = 0;
  });

  async function post(certificate?: TestCertificate, headers: Record<string, string> = {}) {
    const tls = { ca: authority.cert, ...certificate };
    const answer = await send({ port: server.port, method: 'POST', path: '/dp/telemetry', headers, body: BODY, tls });
    return { status: answer.status, body: JSON.parse(answer.body.toString()) };
  }

  it('takes environment and data plane from the certificate', async () => {
    const answer = await post(authority.issue('dp', [ENV, DP]));
    expect(answer).toEqual({ status: 200, body: { accepted: 1 } });
    expect(bench.deliveries).toMatchObject([{ environment: RECORDED_ENVIRONMENT, dataPlane: RECORDED_DATA_PLANE }]);
    expect((await post(authority.issue('dp', [ENV, DP]), { 'x-aisix-environment': 'prod' })).status).toBe(200);
  });

  it.each<[string, () => TestCertificate | undefined, number, string, Record<string, string>]>([
    ['without a certificate', () => undefined, 401, 'unauthorized', {}],
    ['of another authority', () => stranger.issue('dp', [ENV, DP]), 401, 'unauthorized', {}],
    ['without names', () => authority.issue('dp', []), 401, 'unauthorized', {}],
    ['with a comma in a name', () => authority.issue('dp', [`${ENV}, ${DP}`]), 401, 'unauthorized', {}],
    [
      'with two environments',
      () => authority.issue('dp', [ENV, DP, 'URI:x-aisix://env/other']),
      401,
      'unauthorized',
      {},
    ],
    [
      'of an environment that is not here',
      () => authority.issue('dp', ['URI:x-aisix://env/mars', DP]),
      403,
      'unknown_environment',
      {},
    ],
    [
      'and another environment in the header',
      () => authority.issue('dp', [ENV, DP]),
      403,
      'forbidden_environment',
      { 'x-aisix-environment': 'eu' },
    ],
  ])('refuses one %s', async (_, certificate, status, code, headers) => {
    const answer = await post(certificate(), headers);
    expect(answer).toEqual({ status, body: { error: { code, message: expect.any(String) } } });
    expect(bench.deliveries).toEqual([]);
  });

  it('still takes a token where there is no certificate', async () => {
    expect((await post(undefined, { authorization: 'Bearer prod-token' })).status).toBe(200);
    expect(bench.deliveries).toMatchObject([{ environment: RECORDED_ENVIRONMENT }]);
  });
});
