import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeyedHash } from './keyedHash.ts';
import { createRedactor } from './redactor.ts';
import { MAX_FREE_TEXT_LENGTH } from './text.ts';

const redactor = createRedactor({ hash: createKeyedHash('key of this test') });
const HASHED = expect.stringMatching(/^hmac:[0-9a-f]{12}$/);

/** No pattern knows it, nothing about it looks like a secret. */
const PLAIN = 'hunterpw';

describe('free text loses', () => {
  it.each([
    ['https://admin:p@ssw0rdX@api.example.com', 'https://[redacted:url_credentials]@api.example.com'],
    ['https://p@ssw0rdX@h', 'https://[redacted:url_credentials]@h'],
    ['amqp://svc:hun/ter2secret@host', 'amqp://[redacted:url_credentials]@host'],
    ['amqp://svc:hun?ter2#secret@host/x', 'amqp://[redacted:url_credentials]@host/x'],
    [`https://${'x'.repeat(320)}@h/x`, 'https://[redacted:url_credentials]@h/x'],
    ['//user:pa55word@host/x', '//[redacted:url_credentials]@host/x'],
    ['admin:hunter2pw@db.internal', '[redacted:url_credentials]@db.internal'],
    ['dsn="postgres://u:p?a@db/x",', 'dsn="postgres://[redacted:url_credentials]@db/x",'],
    ['Cookie: session=hunter2hunter2; b=c', 'Cookie: [redacted:header]'],
    ['X-Custom-Auth: s3cr3tvalue99', 'X-Custom-Auth: [redacted:header]'],
    ['Authorization: ApiKey abcdefghij', 'Authorization: [redacted:header]'],
    ['{"authorization":"ApiKey \\"abc\\" defghij","code":401}', '{"authorization":"[redacted:header]","code":401}'],
    ['Proxy-Authorization: Digest username="a", response="b"', 'Proxy-Authorization: [redacted:header]'],
    ["curl -H 'Ocp-Apim-Subscription-Key: abcdef' h", "curl -H 'Ocp-Apim-Subscription-Key: [redacted:header]"],
    ['x-amz-security-token=abc/def==', 'x-amz-security-token=[redacted:header]'],
    ['GET /v1?key=abc123defg HTTP', 'GET /v1?[redacted:query] HTTP'],
    ['key=hunter2secret', 'key=[redacted:named_value]'],
    ['sessionId=hunter2 and sig="a b", x', 'sessionId=[redacted:named_value] and sig="[redacted:named_value]", x'],
    ['sent user=bob&pin=1234', 'sent user=[redacted:query]&pin=[redacted:query]'],
  ])('%s', (text, left) => {
    expect(redactor.freeText(`it said ${text}`)).toBe(`it said ${left}`);
  });

  it.each([
    'https://hooks.slack.com/services/T0AB/B1C2/a1b2c3d4e5f6g7h8i9j0k1',
    '(https://hooks.slack.com/services/T0AB/B1C2/a1b2c3d4e5f6g7h8i9j0k1).',
    'POST /services/T0AB/B1C2/a1b2c3d4e5f6g7h8i9j0k1, then',
  ])('tokens in paths: %s', (text) => {
    const left = redactor.freeText(text);
    expect(left).not.toContain('a1b2c3');
    expect(left).toMatch(/services\/T0AB\/B1C2\/hmac:[0-9a-f]{12}/);
  });

  it('headers up to the end of their line, and keeps the next one', () => {
    expect(redactor.freeText('Cookie: a=b\r\nHost: api.example.com\nX-Api-Key: abc def\nbody')).toBe(
      'Cookie: [redacted:header] Host: api.example.com X-Api-Key: [redacted:header] body',
    );
  });
});

describe('free text keeps', () => {
  it('nothing of a key of several lines', () => {
    expect(redactor.freeText('with -----BEGIN PRIVATE KEY-----\nMIIE/hunter\nabc\n-----END')).toBe(
      'with [redacted:private_key]',
    );
  });

  it.each([
    'no model "gpt-4o" at https://api.example.com:8443/v1/chat/completions (404)',
    'key: not found; is it missing? token limit reached, max_tokens=12, a==b',
    'model openai/gpt-4o-mini-2024-07-18 of arn:aws:bedrock:us-east-1:1:model/x is gone',
    'request 0b6f6a52-6e0b-4b0e-9a55-0a4e2f0f2a11 timed out after 30s: 1/2 tries',
    '{"error":{"type":"invalid_request_error","message":"no such model","param":null}}',
  ])('%s', (text) => {
    expect(redactor.freeText(text)).toBe(text);
  });
});

describe('a label', () => {
  it.each([
    'admin:hunter2pw@db.internal',
    '//user:pa55word@host/x',
    'https://p@ssw0rdX@h',
    `https://${'x'.repeat(200)}@h/x`,
    'https://hooks.slack.com/services/T0AB/B1C2/a1b2c3d4e5f6g7h8i9j0k1',
    'Cookie: session=hunter2hunter2',
    'key=hunter2secret',
    '/v1?key=abc123defg',
  ])('with a credential is hashed whole: %s', (text) => {
    expect(redactor.label(text)).toEqual(HASHED);
  });

  it.each([
    'alice@example.com',
    'alice+x@example.com',
    '@scope/team',
    'openai/gpt-4o@2024-08-06',
    'arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-3-5-sonnet-20241022-v2:0',
    'accounts/fireworks/models/llama-v3p1-405b-instruct',
    'https://api.example.com/v1',
    'Authorization',
    'x-api-key',
    'team/0123456789abcdef0123456789abcdef',
    'what now?',
  ])('stays: %s', (text) => {
    expect(redactor.label(text)).toBe(text);
  });
});

describe('an address', () => {
  it.each(['https://user:12/hunterpw@host/x', 'https://h/x/hunterpw@host'])('with a user in odd places: %s', (text) => {
    expect(redactor.url(text)).not.toContain(PLAIN);
  });
});

describe('whatever stands around it, free text does not keep', () => {
  const around = fc.string({ unit: fc.constantFrom(...' \n:/@?#&="\'\\{},;a-Z9.'), maxLength: 30 });
  const noBreak = around.map((text) => text.replace(/\s/g, '-'));

  it('the user or password of an address', () => {
    fc.assert(
      fc.property(around, fc.constantFrom('https://', '//', 'amqp://u:', 'u:'), noBreak, around, (a, scheme, b, c) => {
        expect(redactor.freeText(`${a} ${scheme}${PLAIN}${b}@host${c}`)).not.toContain(PLAIN);
      }),
      { numRuns: 1000 },
    );
  });

  it('the value of a header', () => {
    const name = fc.constantFrom('Authorization', 'cookie', 'Set-Cookie', 'X-Api-Key', 'x-my-auth', 'Private-Token');
    const inLine = around.map((text) => text.replaceAll('\n', ' '));
    fc.assert(
      fc.property(around, name, fc.constantFrom(':', ': ', ' : ', '='), inLine, inLine, (a, header, colon, b, c) => {
        expect(redactor.freeText(`${a}\n${header}${colon}${b}${PLAIN}${c}`)).not.toContain(PLAIN);
      }),
      { numRuns: 1000 },
    );
  });

  it('the query of a request', () => {
    fc.assert(
      fc.property(around, fc.constantFrom('https://h/x', '/x', 'x', ''), noBreak, (a, path, b) => {
        expect(redactor.freeText(`${a} ${path}?p=${b}${PLAIN}`)).not.toContain(PLAIN);
      }),
      { numRuns: 1000 },
    );
  });

  it('anything for long: texts made to be slow end at once, and stay within bounds', () => {
    const parts = [
      '://',
      '//',
      '@',
      ':',
      '?',
      '=',
      '&',
      'x-',
      'key=',
      'key="',
      '"\\',
      'a',
      'Cookie:',
      '/a1',
      '%2D',
      ' ',
      '-_',
    ];
    for (const one of parts) {
      for (const other of parts) {
        const text = (one + other).repeat(4096 / one.length);
        expect(redactor.freeText(text).length).toBeLessThanOrEqual(MAX_FREE_TEXT_LENGTH);
      }
    }
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 3000 }), (text) => {
        expect(redactor.freeText(text)).toBe(redactor.freeText(text));
        redactor.label(text.slice(0, 256));
      }),
    );
  });
});
