import { beforeEach, describe, expect, it } from 'vitest';
import { AUDIT_METRICS } from './feedJournal.ts';
import { createVerifier, WebhookSecretError } from './signature.ts';
import { createFeedBench, type FeedBench } from './testing/feedBench.ts';
import { OLD_SECRET, SECRET, signature, signedPost } from './testing/signedPost.ts';
import { type AuditWebhookOptions, auditWebhook } from './webhook.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const EVENT = {
  schema_version: '1.0',
  id: 'evt_1',
  occurred_at: '2026-11-23T11:59:58.123Z',
  action: 'update',
  actor: { type: 'user', id: 'u-1', name: 'alice' },
  resource: { type: 'model', id: 'm-1', name: 'smart' },
  environment: { name: 'prod' },
  changes: [{ path: '/routing/strategy', before: 'failover', after: 'least_latency' }],
  config_revision: 7,
};

let bench: FeedBench;
beforeEach(() => {
  bench = createFeedBench(NOW);
});

function post(delivery: Partial<Parameters<typeof signedPost>[0]> = {}, options: Partial<AuditWebhookOptions> = {}) {
  const app = auditWebhook({ ...bench, name: 'cloud', path: '/audit/cloud', secrets: [SECRET], ...options });
  return app.request('http://localhost/audit/cloud', signedPost({ at: NOW, body: EVENT, ...delivery }));
}

const BODY = JSON.stringify(EVENT);
const events = (count: number) => Array.from({ length: count }, (_, n) => ({ ...EVENT, id: `evt_${n}` }));

describe('a signed event', () => {
  it('is stored redacted, and acknowledged', async () => {
    const response = await post();
    expect([response.status, await response.json()]).toEqual([202, { accepted: 1 }]);
    expect(bench.changes()).toEqual([
      {
        type: 'change',
        observationId: 'audit:cloud:evt_1',
        feed: { type: 'webhook', name: 'cloud' },
        observedAt: NOW,
        occurredAt: NOW - 1877,
        trust: 'signed',
        action: 'update',
        actor: { type: 'user', id: 'u-1', name: 'alice' },
        resource: { kind: 'model', id: 'm-1', name: 'smart' },
        environment: 'env-prod',
        paths: [{ path: '/routing/strategy', before: 'failover', after: 'least_latency', secret: false }],
        revision: 7,
        foundLate: false,
        result: 'success',
        source: 'unknown',
        contentHash: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    ]);
  });

  it('is acknowledged only after it is durable', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    bench.hold = promise;
    let answered = false;
    const pending = Promise.resolve(post()).then((response) => {
      answered = true;
      return response;
    });
    await expect.poll(() => bench.observe.mock.calls.length, { timeout: 30_000 }).toBe(1);
    expect(answered).toBe(false);
    resolve();
    expect((await pending).status).toBe(202);
  });

  it('is sent again by its sender when the ledger cannot take it', async () => {
    bench.failure = Object.assign(new Error('row with sk-abcdefgh1234'), { retryAfterSeconds: 2.5 });
    const response = await post();
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '3']);
    expect(await response.text()).not.toContain('sk-');
    expect(bench.stored.size).toBe(0);
    bench.failure = undefined;
    expect((await post()).status).toBe(202);
  });

  it('that is replayed gets the same answer and is stored once', async () => {
    const first = await post();
    const again = await post();
    expect([again.status, await again.json()]).toEqual([first.status, await first.json()]);
    expect(bench.stored.size).toBe(1);
  });

  it('stays one when it comes a hundred times at once', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => post()));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(bench.stored.size).toBe(1);
  });

  it('with a known id and other content is a conflict: 409, counted, the rest is kept', async () => {
    await post();
    const response = await post({
      id: 'msg_2',
      body: [
        { ...EVENT, id: 'evt_2' },
        { ...EVENT, action: 'delete' },
      ],
    });
    expect([response.status, await response.json()]).toEqual([
      409,
      { error: { code: 'conflict', message: expect.stringContaining('event 1') }, accepted: 1, conflicts: [1] },
    ]);
    expect(bench.sum(AUDIT_METRICS.conflicts, { feed: 'cloud' })).toBe(1);
    expect([...bench.stored.keys()]).toEqual(['audit:cloud:evt_1', 'audit:cloud:evt_2']);
  });
});

describe('a signature', () => {
  const at = (offset: number) => ({ at: NOW + offset * 1000 });
  const two = (first: string, second: string) => ({
    headers: {
      'webhook-signature': `${signature(first, 'msg_1', NOW, BODY)} ${signature(second, 'msg_1', NOW, BODY)}`,
    },
  });

  it.each<[string, Parameters<typeof post>[0], Partial<AuditWebhookOptions>]>([
    ['300 s old', at(-300), {}],
    ['300 s ahead', at(300), {}],
    ['the second of two', two(OLD_SECRET, SECRET), {}],
    ['by the second of two secrets', { secret: OLD_SECRET }, { secrets: [SECRET, OLD_SECRET] }],
    [
      'beside one of a version that is not known',
      { headers: { 'webhook-signature': `v1a,xx ${signature(SECRET, 'msg_1', NOW, BODY)}` } },
      {},
    ],
    ['over text that is not ASCII', { body: JSON.stringify({ ...EVENT, actor: { name: 'Zoë 🦊' } }) }, {}],
  ])('is good: %s', async (_, delivery, options) => {
    expect((await post(delivery, options)).status).toBe(202);
    expect(bench.stored.size).toBe(1);
  });

  it.each<[string, string, Parameters<typeof post>[0]]>([
    ['without webhook-id', 'signature_missing', { headers: { 'webhook-id': undefined } }],
    ['without webhook-timestamp', 'signature_missing', { headers: { 'webhook-timestamp': undefined } }],
    ['without webhook-signature', 'signature_missing', { headers: { 'webhook-signature': undefined } }],
    ['for another id', 'signature_invalid', { headers: { 'webhook-id': 'msg_2' } }],
    [
      'for a body without a space at its end',
      'signature_invalid',
      { body: `${BODY} `, headers: { 'webhook-signature': signature(SECRET, 'msg_1', NOW, BODY) } },
    ],
    ['301 s old', 'signature_stale', at(-301)],
    ['301 s ahead', 'signature_stale', at(301)],
    ['for another time', 'signature_invalid', { headers: { 'webhook-timestamp': String(NOW / 1000 + 1) } }],
    [
      'with a time that only begins with digits',
      'signature_invalid',
      { headers: { 'webhook-timestamp': `${NOW / 1000}abc` } },
    ],
    [
      'cut short',
      'signature_invalid',
      { headers: { 'webhook-signature': signature(SECRET, 'msg_1', NOW, BODY).slice(0, -1) } },
    ],
    ['empty', 'signature_invalid', { headers: { 'webhook-signature': 'v1,' } }],
    [
      'of another version',
      'signature_invalid',
      { headers: { 'webhook-signature': signature(SECRET, 'msg_1', NOW, BODY).replace('v1', 'v2') } },
    ],
    ['by a secret that was rotated out', 'signature_invalid', { secret: OLD_SECRET }],
  ])('is refused: %s', async (_, code, delivery) => {
    const response = await post(delivery);
    expect([response.status, await response.json()]).toMatchObject([
      401,
      { error: { code, message: expect.any(String) } },
    ]);
    expect(bench.observe).not.toHaveBeenCalled();
    expect(bench.sum(AUDIT_METRICS.deliveriesRefused, { feed: 'cloud', code })).toBe(1);
  });

  it('is looked at before the body is parsed', async () => {
    const response = await post({ body: 'not json', contentType: 'text/plain', secret: OLD_SECRET });
    expect(await response.json()).toMatchObject({ error: { code: 'signature_invalid' } });
  });

  it.each(['', 'whsec_', 'whsec_c2hvcnQ=', 'whsec_not base64 at all, sorry about that', 'plain text secret'])(
    'cannot be made with the secret %j, and the error does not quote it',
    (secret) => {
      expect(() => createVerifier([secret])).toThrow(WebhookSecretError);
      expect(() => createVerifier([secret])).toThrow(/^expected/);
    },
  );
});

describe('a body', () => {
  it.each<[string, string, unknown]>([
    ['an array', 'application/json; charset=utf-8', events(3)],
    [
      'NDJSON',
      'application/x-ndjson',
      `${events(3)
        .map((one) => JSON.stringify(one))
        .join('\r\n')}\n\n`,
    ],
    [
      'a batch of CloudEvents',
      'application/cloudevents-batch+json',
      events(3).map((data) => cloudEvent(data.id, data)),
    ],
  ])('may hold many events: %s', async (_, contentType, body) => {
    const response = await post({ contentType, body });
    expect([response.status, await response.json()]).toEqual([202, { accepted: 3 }]);
    expect(bench.changes()).toHaveLength(3);
  });

  it.each<[string, string, unknown, number]>([
    ['an array', 'application/json', [EVENT, { ...EVENT, id: 'a b' }, 5, { ...EVENT, id: 'evt_2' }], 2],
    ['NDJSON', 'application/x-ndjson', `${BODY}\n{"id":\n5\n${JSON.stringify({ ...EVENT, id: 'evt_2' })}`, 2],
  ])('loses only its bad events, by index: %s', async (_, contentType, body, accepted) => {
    const response = await post({ contentType, body });
    expect([response.status, await response.json()]).toMatchObject([
      202,
      {
        accepted,
        rejected: [
          { index: 1, code: expect.stringMatching(/^invalid_/) },
          { index: 2, code: 'not_an_object' },
        ],
      },
    ]);
    expect([...bench.stored.keys()]).toEqual(['audit:cloud:evt_1', 'audit:cloud:evt_2']);
  });

  it('may be empty of events', async () => {
    expect(await (await post({ body: [] })).json()).toEqual({ accepted: 0 });
    expect(bench.observe).not.toHaveBeenCalled();
  });

  it.each<[number, string, Parameters<typeof post>[0], Partial<AuditWebhookOptions>]>([
    [415, 'unsupported_media_type', { contentType: 'text/plain' }, {}],
    [415, 'unsupported_media_type', { contentType: 'application/json; charset=latin1' }, {}],
    [415, 'unsupported_media_type', { headers: { 'content-type': undefined } }, {}],
    [415, 'unsupported_encoding', { headers: { 'content-encoding': 'gzip' } }, {}],
    [413, 'body_too_large', {}, { maxBytes: 100 }],
    [413, 'body_too_large', { headers: { 'content-length': '2000000' } }, {}],
    [413, 'too_many_events', { body: events(4) }, { maxEvents: 3 }],
    [413, 'too_many_events', { body: '1\n2\n3\n4\n', contentType: 'application/x-ndjson' }, { maxEvents: 3 }],
    [400, 'invalid_json', { body: '{"id":' }, {}],
    [400, 'invalid_json', { body: '' }, {}],
    [400, 'invalid_json', { body: {}, contentType: 'application/cloudevents-batch+json' }, {}],
    [400, 'invalid_utf8', { body: Buffer.from([0x22, 0xff, 0x22]) }, {}],
    [400, 'not_an_object', { body: 'null' }, {}],
    [400, 'too_deep', { body: `{"after":${'['.repeat(5000)}${']'.repeat(5000)}}` }, {}],
    [400, 'nothing_usable', { body: [1, 2] }, {}],
    [400, 'unsupported_schema_version', { body: { ...EVENT, schema_version: '2.0' } }, {}],
    [400, 'event_from_the_future', { body: { ...EVENT, occurred_at: '2026-11-23T12:10:01Z' } }, {}],
    [400, 'forbidden_environment', {}, { environment: 'env-staging' }],
  ])('is answered %i %s', async (status, code, delivery, options) => {
    const response = await post(delivery, options);
    expect([response.status, await response.json()]).toMatchObject([
      status,
      { error: { code, message: expect.any(String) } },
    ]);
    expect(bench.stored.size).toBe(0);
  });

  it('of an environment that is not configured is ignored, counted, and no reason to send it again', async () => {
    const response = await post({ body: { ...EVENT, environment: { id: 'mars' } } });
    expect([response.status, await response.json()]).toEqual([
      202,
      { accepted: 0, ignored: [{ index: 0, reason: 'unknown_environment' }] },
    ]);
    expect(bench.sum(AUDIT_METRICS.eventsIgnored, { reason: 'unknown_environment' })).toBe(1);
  });

  it('is only taken by POST', async () => {
    const app = auditWebhook({ ...bench, name: 'cloud', path: '/audit/cloud', secrets: [SECRET] });
    const response = await app.request('http://localhost/audit/cloud');
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('that is refused over and over fills no log', async () => {
    const app = auditWebhook({ ...bench, name: 'cloud', path: '/audit/cloud', secrets: [SECRET] });
    const refused = () => app.request('http://localhost/audit/cloud', { method: 'POST', body: 'x' });
    for (let n = 0; n < 50; n += 1) await refused();
    expect(bench.lines).toHaveLength(1);
    bench.clock += 61_000;
    await refused();
    expect(bench.lines[1]?.fields).toMatchObject({ code: 'signature_missing', alsoSince: 49 });
  });
});

function cloudEvent(id: string, data: unknown) {
  return { specversion: '1.0', id, source: '/cloud', type: 'com.example.model.updated', data };
}
