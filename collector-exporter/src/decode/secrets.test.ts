import { namesSecret, withoutSecrets } from '@aisix-observability/evidence';
import { describe, expect, it } from 'vitest';
import { processorMillis, RUNAWAY_MILLIS } from './testing/processorMillis.ts';

const HEX = '0123456789abcdef'.repeat(4);
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U';

describe('secrets in free text', () => {
  it.each([
    ['api_key', 'Incorrect API key provided: sk-good-A', 'Incorrect API key provided: [redacted:api_key]'],
    ['api_key', 'sk-rotated-wrong', '[redacted:api_key]'],
    ['api_key', 'key sk-proj-abc_DEF-123*** used', 'key [redacted:api_key] used'],
    ['api_key', 'ghp_0123456789abcdefABCDEF0123456789abcd', '[redacted:api_key]'],
    ['api_key', '(gsk_0123456789abcdefABCD)', '([redacted:api_key])'],
    ['api_key', 'AIzaSyA-0123456789abcdefghijklmnopqrstu', '[redacted:api_key]'],
    ['aws_key', 'AKIAIOSFODNN7EXAMPLE was refused', '[redacted:aws_key] was refused'],
    ['jwt', `token ${JWT} expired`, 'token [redacted:jwt] expired'],
    ['bearer', 'Authorization: Bearer collector-token', 'Authorization: Bearer [redacted:bearer]'],
    ['bearer', 'authorization: basic dXNlcjpwYXNz', 'authorization: basic [redacted:bearer]'],
    ['url_credentials', 'see https://user:pa55@host/path', 'see https://[redacted:url_credentials]@host/path'],
    ['url_credentials', 'redis://:hunter2@cache:6379', 'redis://[redacted:url_credentials]@cache:6379'],
    ['named_value', 'api_key=abcd1234', 'api_key=[redacted:named_value]'],
    ['named_value', '{"password": "swordfish"}', '{"password": "[redacted:named_value]"}'],
    ['named_value', 'secret: swordfish', 'secret: [redacted:named_value]'],
    ['named_value', 'x-api-key: abc1234', 'x-api-key: [redacted:named_value]'],
    ['named_value', 'token=abcdefgh&x=1', 'token=[redacted:named_value]&x=1'],
    ['named_value', 'token: a1b2c3d4', 'token: [redacted:named_value]'],
    ['named_value', '{"signature":"abcdefgh"}', '{"signature":"[redacted:named_value]"}'],
    ['keyed_blob', `bad key '${HEX.slice(0, 32)}'`, "bad key '[redacted:keyed_blob]'"],
    ['long_hex', `digest ${HEX}`, 'digest [redacted:long_hex]'],
    ['private_key', 'x -----BEGIN RSA PRIVATE KEY-----\nMIIE', 'x [redacted:private_key]'],
  ])('%s: %s', (kind, text, expected) => {
    const counts = new Map<string, number>();
    expect(withoutSecrets(text, counts)).toBe(expected);
    expect([...counts]).toEqual([[kind, 1]]);
  });

  it.each([
    'upstream returned HTTP 401: Incorrect API key provided',
    'invalid upstream credentials: provider_key.api_key contains invalid header characters',
    'Unexpected token: end of input',
    'max_tokens: 4096 is too large',
    'transport error: error sending request for url (http://127.0.0.1:9/v1/chat/completions): client error (Connect)',
    'disk-full and task-force, desk-top',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
    '147c99bc-574c-45ea-9c36-db5896389485',
    'trace 4bf92f3577b34da6a3ce929d0e0e4736',
    'gpt-4o-mini-2026-08-06',
    "request limit exceeded (requests) (policy 'per-target-cap')",
  ])('leaves alone: %s', (text) => {
    const counts = new Map<string, number>();
    expect(withoutSecrets(text, counts)).toBe(text);
    expect(counts.size).toBe(0);
  });

  it('finds every one of several', () => {
    const counts = new Map<string, number>();
    const text = `sk-aaaa1111 and sk-bbbb2222, Bearer ${JWT}`;
    expect(withoutSecrets(text, counts)).toBe('[redacted:api_key] and [redacted:api_key], Bearer [redacted:jwt]');
    expect(Object.fromEntries(counts)).toEqual({ jwt: 1, api_key: 2 });
  });

  it('gives the same the second time', () => {
    const counts = new Map<string, number>();
    const once = withoutSecrets('api_key=abcd1234 token: x1y2z3w4 sk-aaaa1111', counts);
    expect(withoutSecrets(once, counts)).toBe(once);
  });

  // Each of these makes a careless expression look at the same characters again and again.
  it.each([
    'eyJ',
    'eyJ-',
    'eyJaaaaaa.',
    'sk-',
    '://',
    ':// :',
    '://a:',
    'bearer ',
    'basic    ',
    'api_key',
    'api key ',
    'token:',
    'token: "',
    'secret_',
    'key-',
    'a',
    '0',
    'AKIA',
    '-----BEGIN ',
    '-----BEGIN PRIVATE KEY----',
    'password = ',
    ':',
    ' ',
    'token: a',
  ])('takes linear time on 200,000 times %j', (piece) => {
    const text = piece.repeat(200_000);
    expect(processorMillis(() => withoutSecrets(text, new Map()))).toBeLessThan(RUNAWAY_MILLIS);
  });
});

describe('names of fields that hold secrets', () => {
  it.each([
    'secret',
    'api_key',
    'apiKey',
    'x-api-key',
    'key_hash',
    'upstream.password',
    'access_token',
    'Authorization',
    'credentials',
    'private_key',
  ])('%s is one', (name) => expect(namesSecret(name)).toBe(true));

  it.each(['api_key_id', 'provider_key_id', 'max_tokens', 'token_name', 'prompt_tokens', 'credential_mode', 'monkey'])(
    '%s is none',
    (name) => expect(namesSecret(name)).toBe(false),
  );
});
