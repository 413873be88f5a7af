import { describe, expect, it } from 'vitest';
import { ATTRIBUTE } from './attributes.ts';
import { createRedaction, type RedactionSettings } from './redaction.ts';
import { createSpanOptions, requestSpans } from './requestSpans.ts';
import { createSpanSerializer } from './serialize.ts';
import { exampleAttempt, exampleRequest } from './testing/exampleRequest.ts';

const secretive = exampleRequest({
  status: 502,
  outcome: 'provider_error',
  requestedModel: 'PLANTED-model',
  errorMessage: 'PLANTED-message',
  client: { address: 'PLANTED-address', userAgent: 'PLANTED-agent', identity: 'PLANTED-identity' },
  guardrail: {
    blocked: false,
    hits: [{ name: 'PLANTED-guardrail', hook: 'input', action: 'masked', mode: 'enforced' }],
  },
  dataPlane: 'PLANTED-plane',
  attempts: [
    exampleAttempt({
      model: 'PLANTED-target',
      status: 502,
      outcome: 'provider_error',
      errorClass: 'upstream_status',
      errorMessage: 'PLANTED-message',
    }),
  ],
});

const EVERYWHERE = [
  ATTRIBUTE.requestModel,
  ATTRIBUTE.attemptModel,
  ATTRIBUTE.errorMessage,
  ATTRIBUTE.clientAddress,
  ATTRIBUTE.userAgent,
  ATTRIBUTE.clientIdentity,
  ATTRIBUTE.guardrailNames,
  ATTRIBUTE.dataPlaneId,
  ATTRIBUTE.serviceInstanceId,
];

const bodyOf = (redaction: RedactionSettings) =>
  Buffer.from(createSpanSerializer('http/json')(requestSpans(secretive, createSpanOptions({ redaction })))).toString();

describe('redaction', () => {
  it('takes a dropped attribute out of everything that is made of it: names, status, resource', () => {
    expect(bodyOf({}).match(/PLANTED/g)?.length).toBeGreaterThan(10);
    expect(bodyOf({ drop: EVERYWHERE })).not.toContain('PLANTED');
  });

  it('hashes in all the same places, equal values to equal hashes', () => {
    const body = bodyOf({ hash: EVERYWHERE, key: 'installation key' });
    expect(body).not.toContain('PLANTED');
    const spans = requestSpans(
      secretive,
      createSpanOptions({ redaction: { hash: EVERYWHERE, key: 'installation key' } }),
    );
    const [server, logical, attempt] = spans;
    const model = server?.attributes[ATTRIBUTE.requestModel];
    expect(model).toMatch(/^hmac:[0-9a-f]{12}$/);
    expect(logical?.attributes[ATTRIBUTE.requestModel]).toBe(model);
    expect(logical?.name).toBe(`chat ${model}`);
    expect(attempt?.status.message).toBe(attempt?.attributes[ATTRIBUTE.errorMessage]);
    expect(server?.attributes[ATTRIBUTE.guardrailNames]).toEqual([expect.stringMatching(/^hmac:/)]);
  });

  it('depends on the key', () => {
    expect(bodyOf({ hash: EVERYWHERE, key: 'a' })).not.toBe(bodyOf({ hash: EVERYWHERE, key: 'b' }));
    expect(bodyOf({ hash: EVERYWHERE, key: 'a' })).toBe(bodyOf({ hash: EVERYWHERE, key: 'a' }));
  });

  it('drops what is named in both lists', () => {
    const attributes = { 'client.address': '203.0.113.7' };
    createRedaction({ drop: ['client.address'], hash: ['client.address'], key: 'k' })?.apply(attributes);
    expect(attributes).toEqual({});
  });

  it('hashes numbers by their text, and leaves the rest alone', () => {
    const attributes = { a: 5, b: 'x' };
    createRedaction({ hash: ['a', 'toString'], key: 'k' })?.apply(attributes);
    expect(attributes).toEqual({ a: expect.stringMatching(/^hmac:/), b: 'x' });
  });

  it('refuses to hash without a key', () => {
    expect(() => createRedaction({ hash: ['client.address'] })).toThrow(RangeError);
    expect(() => createSpanOptions({ redaction: { hash: ['client.address'], key: '' } })).toThrow('redaction key');
    expect(createRedaction({})).toBeUndefined();
  });
});
