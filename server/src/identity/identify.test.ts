import { silentLog, silentRecorder } from '@aisix-observability/pipeline';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configFrom } from '../config/parse.ts';
import type { Identify } from './asking.ts';
import { createIdentify } from './identify.ts';
import { KEYS_COOL_DOWN_MILLIS, KEYS_FRESH_MILLIS, KEYS_USABLE_MILLIS } from './signingKeys.ts';
import { configOf, grafana, NOW, PROD, SECRET, withIdentity } from './testing/callers.ts';
import { startGuardedServer } from './testing/guardedServer.ts';
import { type SigningKeysServer, startSigningKeysServer } from './testing/signingKeysServer.ts';

let keys: SigningKeysServer;
beforeEach(async () => {
  keys = await startSigningKeysServer(grafana);
});
afterEach(() => keys.close());

const ask = (identify: Identify, headers: Readonly<Record<string, string>>) =>
  identify({ header: (name) => headers[name], remoteAddress: '192.0.2.7' });

const identifyBy = (config: Parameters<typeof createIdentify>[0]) =>
  createIdentify(config, { log: silentLog, recorder: silentRecorder, now: () => NOW });

const admin = () => withIdentity(grafana.sign('Admin', { at: NOW }));

describe('an identity of Grafana', () => {
  it('says all that is known of the reader', async () => {
    expect(await ask(identifyBy(configOf(keys.url)), admin())).toEqual({
      reader: {
        kind: 'grafana',
        id: 'https://grafana.example org:1 user:1',
        name: 'admin',
        organization: 1,
        role: 'Admin',
        audit: true,
        scopes: ['requests', 'changes'],
        environments: [PROD],
        visibility: {
          'jwt.subject': 'clear',
          'client.address': 'clear',
          'client.userAgent': 'clear',
          'client.identity': 'clear',
        },
        expiresAt: NOW + 600_000,
      },
    });
  });

  it('that is refused hears what was expected and what came', async () => {
    const identify = identifyBy(configOf(keys.url));
    const refusal = async (claims: object) => {
      const identity = await ask(identify, withIdentity(grafana.sign('Admin', { at: NOW, claims: { ...claims } })));
      return 'refusal' in identity ? identity.refusal.message : 'reader';
    };
    expect(await refusal({ iss: 'http://localhost:3000/' })).toBe(
      'expected the issuer "https://grafana.example" or "https://second.example", found "http://localhost:3000/"',
    );
    expect(await refusal({ aud: 'org:7' })).toBe('expected the audience "org:1" or "org:2", found "org:7"');
    expect(await refusal({ exp: NOW / 1000 - 60 })).toBe(
      'expected an identity that still holds at 2026-11-25T12:00:00.000Z, found one that ended at 2026-11-25T11:59:00.000Z',
    );
    expect(await refusal({ role: '\u202eAdmin' })).toContain(String.raw`found "\u202eAdmin"`);
    expect(await refusal({ iss: `x${'\n'.repeat(3)}${'y'.repeat(500)}` })).not.toMatch(/\n|y{100}/);
  });

  it('makes audit readers of others where the configuration says so', async () => {
    const entry = { issuer: 'https://grafana.example', jwks_url: keys.url, org_id: 1, viewer_types: [] };
    const { config } = configFrom({
      grafana: [{ ...entry, audit_roles: ['Editor', 'Admin'], audit_types: ['user', 'service-account'] }],
    });
    const identify = identifyBy(config);
    const audit = async (person: 'Editor' | 'service-account' | 'Viewer' | 'anonymous') => {
      const identity = await ask(identify, { 'x-grafana-id': grafana.sign(person, { at: NOW }) });
      return 'refusal' in identity ? identity.refusal.code : identity.reader?.audit;
    };
    expect(await Promise.all((['Editor', 'service-account', 'Viewer', 'anonymous'] as const).map(audit))).toEqual([
      true,
      true,
      'identity_type',
      'identity_type',
    ]);
  });

  it('needs a Grafana in the configuration', async () => {
    const { config } = configFrom({});
    expect(await ask(identifyBy(config), admin())).toMatchObject({ refusal: { code: 'grafana_not_configured' } });
  });
});

describe('while the endpoint of the keys is down', () => {
  it('identities hold for the time of the keys, then hear 503; a new key is taken up when it is back', async () => {
    let elapsed = 0;
    const server = await startGuardedServer(configOf(keys.url), { now: () => NOW, elapsed: () => elapsed });
    const heard = async () => {
      const { status, body, headers } = await server.send('POST', '/changes/search', admin());
      return status === 200 ? 'ok' : [status, JSON.parse(body).error.code, headers['retry-after']].join(' ');
    };
    try {
      expect(await heard()).toBe('ok');
      keys.reply = 'disconnect';
      elapsed += KEYS_FRESH_MILLIS;
      expect(await heard()).toBe('ok');
      elapsed += KEYS_USABLE_MILLIS;
      expect(await heard()).toBe('503 identity_keys_unavailable 30');
      keys.reply = 'keys';
      grafana.rotate('id-2026-12-es256');
      elapsed += KEYS_COOL_DOWN_MILLIS;
      expect(await heard()).toBe('ok');
    } finally {
      await server.close();
    }
  });
});

describe('whatever is sent', () => {
  const identify = () => identifyBy(configOf(keys.url));

  it('makes no reader and no exception of arbitrary headers', async () => {
    const decide = identify();
    const part = fc.oneof(
      fc.string(),
      fc.json().map((json) => Buffer.from(json).toString('base64url')),
      fc
        .record({ alg: fc.constantFrom('ES256', 'none', 'HS256', 'es256'), kid: fc.constant(grafana.kid) })
        .map((header) => Buffer.from(JSON.stringify(header)).toString('base64url')),
      fc
        .record({
          iss: fc.oneof(fc.constant('https://grafana.example/'), fc.jsonValue()),
          aud: fc.oneof(fc.constant('org:1'), fc.jsonValue()),
          exp: fc.jsonValue(),
          role: fc.jsonValue(),
        })
        .map((claims) => Buffer.from(JSON.stringify(claims)).toString('base64url')),
    );
    const token = fc.oneof(
      fc.string(),
      fc.tuple(part, part, part).map((parts) => parts.join('.')),
    );
    await fc.assert(
      fc.asyncProperty(token, fc.option(fc.string()), async (identity, authorization) => {
        const headers = {
          'x-grafana-id': identity,
          'x-aisix-datasource-secret': SECRET,
          ...(authorization === null ? {} : { authorization }),
        };
        expect(await ask(decide, headers)).toMatchObject({ refusal: { status: 403 } });
      }),
      { numRuns: 500 },
    );
  });

  it('takes no token of which one byte was changed', async () => {
    const decide = identify();
    const genuine = grafana.sign('Admin', { at: NOW });
    expect(await ask(decide, withIdentity(genuine))).toHaveProperty('reader.audit', true);
    await fc.assert(
      fc.asyncProperty(fc.nat(2), fc.nat(), fc.integer({ min: 1, max: 255 }), async (which, at, flip) => {
        const parts = genuine.split('.').map((part) => Buffer.from(part, 'base64url'));
        const bytes = parts[which] as Buffer;
        bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ flip;
        const changed = parts.map((part) => part.toString('base64url')).join('.');
        expect(await ask(decide, withIdentity(changed))).toHaveProperty('refusal');
      }),
      { numRuns: 300 },
    );
  });
});
