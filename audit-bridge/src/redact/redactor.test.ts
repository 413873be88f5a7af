import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_CHANGED_PATHS } from './changedPaths.ts';
import { createKeyedHash } from './keyedHash.ts';
import { ETCD_KINDS, KNOWN_KINDS, wireKind } from './kinds.ts';
import { createRedactor } from './redactor.ts';

const redactor = createRedactor({ hash: createKeyedHash('key of this test') });
const HASHED = expect.stringMatching(/^hmac:[0-9a-f]{12}$/);

function value(kind: string, document: unknown) {
  return redactor.redactResource(kind, document).value;
}

describe('a document', () => {
  it('has rules for every kind of the gateway and of its control plane', () => {
    expect(Object.keys(ETCD_KINDS)).toHaveLength(15);
    expect(KNOWN_KINDS).toHaveLength(24);
    for (const kind of Object.values(ETCD_KINDS)) expect(KNOWN_KINDS).toContain(kind);
    expect(wireKind('mcp_policies')).toBe('mcp_policy');
    expect(wireKind('constructor')).toBe('constructor');
  });

  it('of an unknown kind keeps nothing but name and id, not even names of fields', () => {
    expect(redactor.redactResource('billing_plan', { id: 7, name: 'gold', key: 'x', enabled: true })).toEqual({
      value: { id: 7, name: 'gold' },
      name: 'gold',
      known: false,
    });
    expect(redactor.redactResource('constructor', { toString: 1, name: 'x' }).known).toBe(false);
  });

  it.each([[null], [undefined], ['sk-text-1234'], [[{ secret: 'x' }]], [5]])(
    'that is no object is empty: %j',
    (document) => {
      expect(redactor.redactResource('model', document)).toEqual({ value: {}, known: true });
    },
  );

  it('hashes what has the wrong type for its field, so that a secret does not pass by its place', () => {
    expect(
      value('model', { timeout: 'hunter2', retries: true, display_name: { a: 'hunter2' }, routing: 'hunter2' }),
    ).toEqual({
      timeout: HASHED,
      retries: HASHED,
      display_name: HASHED,
      routing: HASHED,
    });
  });

  it('hashes numbers and flags of fields that are not foreseen', () => {
    expect(value('model', { pin: 4711, vip: true, nothing: null })).toEqual({
      pin: HASHED,
      vip: HASHED,
      nothing: null,
    });
  });

  it('hashes names of fields that look like no name', () => {
    expect(Object.keys(value('model', JSON.parse('{"k3y-4711-abc":1,"__proto__":2}')))).toEqual([HASHED, HASHED]);
  });

  it('keeps names of headers and hashes what they hold', () => {
    expect(value('provider_key', { request: { default_headers: { 'x-api-key': 'hunter2' } } })).toEqual({
      request: { default_headers: { 'x-api-key': HASHED } },
    });
  });

  it('hashes a name in which a pattern finds a secret, whole, so that two names stay two', () => {
    const [a, b] = ['key sk-aaaaaaaaaaaa', 'key sk-bbbbbbbbbbbb'].map((name) => value('model', { display_name: name }));
    expect(a).toEqual({ display_name: HASHED });
    expect(a).not.toEqual(b);
  });

  it('finds a secret that invisible characters were to hide', () => {
    expect(value('model', { display_name: 'sk-\u200babcd\u00adefgh1234' })).toEqual({ display_name: HASHED });
  });

  it('does not take a text for a hash that it did not make', () => {
    expect(value('model', { display_name: 'hmac:0123456789ab' })).not.toEqual({ display_name: 'hmac:0123456789ab' });
  });

  it('follows conditions to any sane depth, and hashes what lies deeper', () => {
    const leaf = { dimension: 'model', operator: '==', value: 'gpt-4o' };
    expect(value('rate_limit_policy', { conditions: [{ logic: 'or', children: [leaf] }] })).toEqual({
      conditions: [{ logic: 'or', children: [leaf] }],
    });
    let deep: unknown = { value: 'hunter2' };
    for (let level = 0; level < 500; level += 1) deep = { children: [deep] };
    expect(JSON.stringify(value('rate_limit_policy', { conditions: [deep] }))).not.toContain('hunter2');
  });

  it('with more fields than anybody writes counts as one value', () => {
    const fields = Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`f${n}`, n]));
    expect(value('model', { ...fields, display_name: 'x' })).toEqual({ display_name: 'x' });
    expect(value('provider_key', { request: { default_headers: fields } })).toEqual({
      request: { default_headers: HASHED },
    });
    expect(redactor.changedPaths('model', fields, { ...fields, f1: 0 })).toMatchObject([{ path: '', secret: true }]);
  });

  it('may contain itself and numbers that JSON has no word for, as YAML can', () => {
    const document: Record<string, unknown> = { display_name: 'x', odd: { inner: Number.NaN } };
    document.self = document;
    expect(value('model', document)).toEqual({ display_name: 'x', odd: HASHED, self: HASHED });
  });
});

describe('a URL', () => {
  it.each([
    ['http://127.0.0.1:9', 'http://127.0.0.1:9'],
    ['http://127.0.0.1:42549/v1', 'http://127.0.0.1:42549/v1'],
    ['https://user:pass@api.example.com/v1?key=1#frag', 'https://api.example.com/v1'],
    ['https://token@api.example.com/', 'https://api.example.com/'],
    ['api.example.com:8443/v1?key=1', 'api.example.com:8443/v1'],
    [
      'https://x.openai.azure.com/openai/deployments/gpt-4o-mini-2024-07-18',
      'https://x.openai.azure.com/openai/deployments/gpt-4o-mini-2024-07-18',
    ],
  ])('%s is shown as %s', (api_base, shown) => {
    expect(value('provider_key', { api_base })).toEqual({ api_base: shown });
  });

  it.each(['https://h.example/services/T0AB/a1b2c3d4e5f6g7h8i9j0k1', 'https://h.example/sk%2Dabcdefgh1234'])(
    'hides a token in its path: %s',
    (api_base) => {
      expect(value('provider_key', { api_base })).toEqual({
        api_base: expect.stringMatching(/^https:\/\/h\.example\/(services\/T0AB\/)?hmac:[0-9a-f]{12}$/),
      });
    },
  );

  it.each(['hunter2', 'user:pass@host', 'http://', '', 'https://sk-abcdefgh1234.example.com'])(
    'that is none is hashed: %s',
    (api_base) => {
      expect(value('provider_key', { api_base })).toEqual({ api_base: HASHED });
    },
  );
});

describe('what changed', () => {
  const paths = (before: unknown, after: unknown) => redactor.changedPaths('provider_key', before, after);

  it('is told by JSON pointers, with the sides that there are', () => {
    expect(paths({ tls: { verify: true }, provider: 'a' }, { tls: { verify: false }, adapter: 'b' })).toEqual([
      { path: '/adapter', after: 'b', secret: false },
      { path: '/provider', before: 'a', secret: false },
      { path: '/tls/verify', before: true, after: false, secret: false },
    ]);
  });

  it('is seen where redaction hides the difference', () => {
    expect(paths({ api_base: 'https://h/v1?a=1' }, { api_base: 'https://h/v1?a=2' })).toEqual([
      { path: '/api_base', before: HASHED, after: HASHED, secret: true },
    ]);
    const [path] = paths({ api_base: 'https://h/v1?a=1' }, { api_base: 'https://h/v1?a=2' });
    expect(path?.before).not.toBe(path?.after);
  });

  it('is seen of headers one by one', () => {
    const request = (headers: object) => ({ request: { default_headers: headers } });
    expect(paths(request({ a: 'x', 'b/c': 'y' }), request({ a: 'z' }))).toEqual([
      { path: '/request/default_headers/a', before: HASHED, after: HASHED, secret: true },
      { path: '/request/default_headers/b~1c', before: HASHED, secret: true },
    ]);
  });

  it('is a list as a whole, or its elements where they are objects and as many as before', () => {
    expect(redactor.changedPaths('api_key', { allowed_models: ['*'] }, { allowed_models: ['a', 'b'] })).toEqual([
      { path: '/allowed_models', before: ['*'], after: ['a', 'b'], secret: false },
    ]);
    const targets = (...models: string[]) => ({ routing: { targets: models.map((model) => ({ model })) } });
    expect(redactor.changedPaths('model', targets('a', 'b'), targets('a', 'c'))).toMatchObject([
      { path: '/routing/targets/1/model', before: 'b', after: 'c' },
    ]);
  });

  it('is nothing when a side did not exist, or the order of keys alone differs', () => {
    expect(paths(null, { provider: 'a' })).toEqual([]);
    expect(paths({ x: { a: 1, b: 2 } }, { x: { b: 2, a: 1 } })).toEqual([]);
  });

  it('is bounded', () => {
    const headers = (value: string) =>
      Object.fromEntries(Array.from({ length: MAX_CHANGED_PATHS + 1 }, (_, n) => [`h-${n}`, value]));
    const request = (text: string) => ({ request: { default_headers: headers(text) } });
    expect(paths(request('a'), request('b')).map(({ path }) => path)).toEqual(['/request']);
    expect(paths(headers('a'), headers('b')).map(({ path }) => path)).toEqual(['']);
  });

  it('as a sender tells it goes through the same rules', () => {
    expect(
      redactor.changedPath('model', { path: '/routing/strategy', before: 'failover', after: 'least_busy' }),
    ).toEqual({
      path: '/routing/strategy',
      before: 'failover',
      after: 'least_busy',
      secret: false,
    });
    for (const path of ['/secret', '/no/such', 'not-a-pointer', '', `/${'x'.repeat(5000)}`]) {
      const change = redactor.changedPath('provider_key', { path, before: 'hunter2', after: true });
      expect(change).toMatchObject({ before: HASHED, after: HASHED, secret: true });
      expect(change.path.length).toBeLessThan(100);
    }
  });
});

describe('what changed of an unknown kind', () => {
  const before = { id: 7, name: 'gold', q: 2, field_hunterx: 1 };

  it('is its name, and that something else did, without saying what', () => {
    const after = { id: 7, name: 'silver', q: 3, moreHunter: 1 };
    expect(redactor.changedPaths('billing_plan', before, after)).toEqual([
      { path: '/name', before: 'gold', after: 'silver', secret: false },
      { path: '', before: HASHED, after: HASHED, secret: true },
    ]);
    expect(redactor.changedPaths('billing_plan', before, { ...before, name: 'silver' })).toHaveLength(1);
    const paths = redactor.changedPaths('billing_plan', before, { ...before, q: 3 });
    expect(paths).toMatchObject([{ path: '', secret: true }]);
    expect(paths[0]?.before).not.toBe(paths[0]?.after);
  });

  it.each(['/secret_stuff/hunterpw', '/hunter', '/name/hunter', '/id/0', 'hunter', '', '/'])(
    'as a sender tells it has no other path either: %s',
    (path) => {
      expect(redactor.changedPath('billing_plan', { path, before: 'a', after: 1 })).toEqual({
        path: '',
        before: HASHED,
        after: HASHED,
        secret: true,
      });
      expect(redactor.changedPath('billing_plan', { path: '/display_name', after: 'x' })).toEqual({
        path: '/display_name',
        after: 'x',
        secret: false,
      });
    },
  );
});

describe('free text', () => {
  it('loses secrets, credentials and queries of URLs, and line breaks', () => {
    expect(redactor.freeText('bad\nkey sk-abcdefgh1234 at https://tok@h/x?k=1 and https://u:p4ss@h/')).toBe(
      'bad key [redacted:api_key] at https://[redacted:url_credentials]@h/x?[redacted:query] and https://[redacted:url_credentials]@h/',
    );
  });

  it('does not let a secret through where it is cut', () => {
    const text = `${'- '.repeat(4090)}${'x'.repeat(8)} sk-abcdefgh1234`;
    expect(redactor.freeText(text)).not.toContain('sk-');
  });
});

describe('any value', () => {
  it('goes through redaction without an error, and the result is stable', () => {
    fc.assert(
      fc.property(fc.constantFrom(...KNOWN_KINDS, 'nobody knows'), fc.jsonValue(), fc.jsonValue(), (kind, a, b) => {
        const once = redactor.redactResource(kind, a).value;
        expect(redactor.redactResource(kind, a).value).toEqual(once);
        redactor.changedPaths(kind, a, b);
        redactor.changedPath(kind, { path: JSON.stringify(a), before: a, after: b });
        redactor.freeText(JSON.stringify(a));
      }),
    );
  });
});
