import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { adaptCanonical } from '../adapt/canonical.ts';
import { adaptCloudEvent } from '../adapt/cloudEvents.ts';
import { adaptPolled } from '../adapt/polled.ts';
import { KNOWN_KINDS } from '../redact/kinds.ts';
import { plantedDocument, UNKNOWN_KIND } from '../redact/testing/plantedDocument.ts';
import { createAuditPoller } from './poll.ts';
import { POLL_PRESETS } from './pollSource.ts';
import { createFeedBench, type FeedBench } from './testing/feedBench.ts';
import { SECRET, signedPost } from './testing/signedPost.ts';
import { auditWebhook } from './webhook.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');

/** Shapes that a pattern knows, for places where any text may stand. */
const SHAPED = [
  'sk-C4n4ry0123456789',
  'AKIAC4N4RY0123456789',
  'https://canary:C4n4ryPass@host.example/x?token=C4n4ryQuery',
  'https://host.example/x?sig=C4n4rySignedUrl',
  'https://C4n4ryUser@host.example/',
  'Bearer C4n4ryBearerToken0123',
  'ghp_C4n4ry0123456789abcdefghij',
  'eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOiJDNG40cnkifQ.C4n4rySignature',
  'password=C4n4ryPassword',
  'C4n4ry'.padEnd(64, '0').replace(/[^0-9a-f]/gi, 'a'),
  '-----BEGIN PRIVATE KEY-----C4n4ry',
] as const;
/** No pattern knows this one: only the allow-list can hold it back. */
const UNSHAPED = 'correct-horse-C4n4ry';
const CANARIES = [...SHAPED, UNSHAPED, 'correct-horse', 'C4n4ry', 'C4N4RY', 'C4a4aa0'] as const;

let bench: FeedBench;
beforeEach(() => {
  bench = createFeedBench(NOW);
});

function expectNoCanary(text: string): void {
  for (const canary of CANARIES) expect(text).not.toContain(canary);
}

const document = (kind: string, shaped: string) => plantedDocument(kind, { shaped: () => shaped, unshaped: UNSHAPED });

/** An event that is taken, with a secret wherever one fits. */
function event(kind: string, shaped: string, n: number) {
  const id = /^[\x21-\x7e]+$/.test(shaped) ? `${shaped}${n}` : `evt_${n}`;
  const docs = { before: { ...document(kind, shaped), other: 1 }, after: document(kind, shaped) };
  return {
    schema_version: '1.0',
    id,
    occurred_at: '2026-11-23T11:59:00Z',
    action: 'update',
    event_type: shaped,
    actor: { type: shaped, id: shaped, email: shaped, name: shaped, role: shaped, token_name: shaped },
    resource: { type: kind, id: shaped, name: shaped },
    environment: { name: 'prod' },
    organization: { id: shaped, name: shaped },
    changes: [
      { path: `/${UNSHAPED}1/x`, before: UNSHAPED, after: { [UNSHAPED]: UNSHAPED } },
      { path: '/display_name', before: shaped, after: UNSHAPED.length },
      { path: shaped, before: [UNSHAPED], after: true },
    ],
    ...(n % 2 === 0 ? docs : {}),
    source: shaped,
    source_ip: shaped,
    user_agent: shaped,
    request_id: shaped,
    result: 'failure',
    error: `it failed: ${shaped} was wrong`,
    [UNSHAPED]: UNSHAPED,
    more: { [shaped]: UNSHAPED },
  };
}

const KINDS = [...KNOWN_KINDS, UNKNOWN_KIND];
const EVENTS = KINDS.flatMap((kind, k) =>
  SHAPED.flatMap((shaped, s) => [0, 1].map((n) => event(kind, shaped, 2 * (k * 50 + s) + n))),
);

describe('planted secrets', () => {
  it('do not leave the webhook, whatever the event and the format', async () => {
    const app = auditWebhook({ ...bench, name: 'cloud', path: '/audit/cloud', secrets: [SECRET] });
    const answers: string[] = [];
    const send = async (body: unknown, contentType: string) => {
      const delivery = signedPost({ at: NOW, body, contentType, headers: { 'x-canary': UNSHAPED } });
      const response = await app.request('http://localhost/audit/cloud', delivery);
      answers.push(await response.text(), JSON.stringify([...response.headers]));
      return response.status;
    };
    for (let at = 0; at < EVENTS.length; at += 25) {
      const some = EVENTS.slice(at, at + 25);
      expect(await send(some, 'application/json')).toBe(202);
      const cloudEvents = some.map((data) => ({
        specversion: '1.0',
        id: data.id,
        source: data.source,
        type: 'x.updated',
        data,
      }));
      expect(await send(cloudEvents, 'application/cloudevents-batch+json')).toBe(202);
    }
    expect(bench.stored.size).toBe(2 * EVENTS.length);
    await send(`{"${UNSHAPED}":`, 'application/json');
    await send(
      [{ ...EVENTS[0], action: UNSHAPED }, { ...EVENTS[0], schema_version: UNSHAPED }, UNSHAPED],
      'application/json',
    );
    await send(EVENTS[0], UNSHAPED);
    await send({ ...EVENTS[0], action: 'delete' }, 'application/json');
    expectNoCanary(bench.everything());
    expectNoCanary(answers.join('\n'));
  });

  it('do not leave the poller, not from rows, errors or addresses', async () => {
    const row = (shaped: string, n: number) => ({
      id: `${n}`,
      event_time: 1795435100,
      event_type: `update_${n}`,
      operator: { id: shaped, username: shaped, email: shaped },
      source: shaped,
      resource_id: shaped,
      ip_address: shaped,
      error_message: `no: ${shaped}`,
      http_request: { method: 'PUT', uri: shaped, body: { name: shaped, secret: UNSHAPED }, user_agent: UNSHAPED },
      http_response: { status_code: 200, body: UNSHAPED },
      [UNSHAPED]: UNSHAPED,
    });
    const saved: unknown[] = [];
    let fail: Response | undefined;
    const poller = createAuditPoller({
      ...bench,
      name: 'api7',
      url: `https://api7.example/api/audit_logs?key=${UNSHAPED}`,
      token: UNSHAPED,
      source: POLL_PRESETS.api7_enterprise,
      intervalMillis: 15_000,
      environment: 'env-prod',
      state: { load: async () => undefined, save: async (state) => void saved.push(state) },
      fetch: async () => fail ?? Response.json({ list: SHAPED.map(row), total: SHAPED.length }),
    });
    const results = [await poller.pollOnce()];
    expect(results[0]).toMatchObject({ taken: SHAPED.length });
    for (const status of [302, 403, 418, 500, 200]) {
      fail = new Response(status === 200 ? `{"${UNSHAPED}"` : UNSHAPED, {
        status,
        statusText: 'x',
        headers: { location: `https://${UNSHAPED}` },
      });
      results.push(await poller.pollOnce());
    }
    bench.failure = new Error(UNSHAPED);
    fail = Response.json({ list: [row('x', 99)], total: 1 });
    results.push(await poller.pollOnce());
    expectNoCanary(bench.everything());
    expectNoCanary(JSON.stringify([results, saved, poller.health()]));
  });
});

describe('any bytes', () => {
  it('get an answer and never an exception, from the webhook', async () => {
    const app = auditWebhook({ ...bench, name: 'cloud', path: '/audit/cloud', secrets: [SECRET] });
    const types = [
      'application/json',
      'application/x-ndjson',
      'application/cloudevents+json',
      'application/cloudevents-batch+json',
    ];
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(bodies, fc.constantFrom(...types), async (body, contentType) => {
        const response = await app.request('http://localhost/audit/cloud', signedPost({ at: NOW, body, contentType }));
        expect([202, 400]).toContain(response.status);
      }),
      { numRuns: 300 },
    );
  });

  it('get a result and never an exception, from every adapter', () => {
    const context = { ...bench, feed: { type: 'webhook', name: 'x' }, trust: 'signed', now: NOW } as const;
    const parts = fc.record(
      Object.fromEntries(
        Object.keys(EVENTS[0] ?? {}).map((name) => [
          name,
          fc.oneof(fc.jsonValue(), fc.constant((EVENTS[0] as Readonly<Record<string, unknown>>)[name])),
        ]),
      ),
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), parts), (value) => {
        for (const adapted of [
          adaptCanonical(value, context),
          adaptCloudEvent(value, context),
          adaptPolled(value, POLL_PRESETS.api7_enterprise.shape, context),
        ]) {
          expect(Object.keys(adapted)).toHaveLength(1);
        }
      }),
      { numRuns: 500 },
    );
  });
});
