import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchKeys, JwksError } from './fetchKeys.ts';
import {
  createSigningKeys,
  KEYS_COOL_DOWN_MILLIS,
  KEYS_FRESH_MILLIS,
  KEYS_USABLE_MILLIS,
  type SigningKeys,
} from './signingKeys.ts';
import { createGrafanaSigner, type GrafanaSigner } from './testing/grafanaSigner.ts';
import { type SigningKeysServer, startSigningKeysServer } from './testing/signingKeysServer.ts';

let signer: GrafanaSigner;
let server: SigningKeysServer;
let elapsed: number;
let fetched: string[];
let keys: SigningKeys;

beforeEach(async () => {
  signer = createGrafanaSigner();
  server = await startSigningKeysServer(signer);
  elapsed = 5_000;
  fetched = [];
  keys = createSigningKeys({
    fetchKeys: () => fetchKeys(server.url, { fetch }),
    elapsed: () => elapsed,
    onFetched: (error) => fetched.push(error === undefined ? 'ok' : error instanceof JwksError ? error.code : 'bug'),
  });
});
afterEach(() => server.close());

const state = async (kid = signer.kid) => {
  const answer = await keys.key(kid);
  return typeof answer === 'string' ? answer : 'known';
};

describe('signing keys', () => {
  it('are fetched once for an hour, however many ask', async () => {
    expect(await Promise.all(Array.from({ length: 50 }, () => state()))).toEqual(Array(50).fill('known'));
    elapsed += KEYS_FRESH_MILLIS - 1;
    expect(await state()).toBe('known');
    expect(server.requests).toBe(1);
    elapsed += 1;
    expect(await state()).toBe('known');
    expect(server.requests).toBe(2);
  });

  it('that are withdrawn no longer hold after the hour', async () => {
    const old = signer.kid;
    expect(await state(old)).toBe('known');
    signer = createGrafanaSigner(signer.issuer, 'id-2026-12-es256');
    await server.close();
    server = await startSigningKeysServer(signer);
    elapsed += KEYS_FRESH_MILLIS;
    expect([await state(old), await state()]).toEqual(['unknown', 'known']);
  });

  it('that are new are found at once, and invented ones cost one fetch in the cool-down', async () => {
    expect(await state()).toBe('known');
    signer.rotate('id-2026-12-es256');
    elapsed += KEYS_COOL_DOWN_MILLIS;
    expect(await state()).toBe('known');
    expect(server.requests).toBe(2);
    for (let n = 0; n < 100; n += 1) expect(await state(`invented-${n}`)).toBe('unknown');
    expect(server.requests).toBe(2);
    elapsed += KEYS_COOL_DOWN_MILLIS;
    expect(await state('invented')).toBe('unknown');
    expect(server.requests).toBe(3);
  });

  it('go on for a day while the endpoint is down, then nobody can tell', async () => {
    expect(await state()).toBe('known');
    server.reply = 'error';
    elapsed += KEYS_FRESH_MILLIS;
    expect([await state(), await state('other')]).toEqual(['known', 'unavailable']);
    expect(server.requests).toBe(2);
    elapsed += KEYS_USABLE_MILLIS - KEYS_FRESH_MILLIS - 1;
    expect(await state()).toBe('known');
    elapsed += 1;
    expect(await state()).toBe('unavailable');
    server.reply = 'keys';
    elapsed += KEYS_COOL_DOWN_MILLIS;
    expect([await state(), await state('other')]).toEqual(['known', 'unknown']);
    expect(new Set(fetched)).toEqual(new Set(['ok', 'status']));
  });

  it('do not make anybody wait for an endpoint that is known to be down', async () => {
    expect(await state()).toBe('known');
    server.reply = 'error';
    elapsed += KEYS_FRESH_MILLIS;
    expect(await state()).toBe('known');
    server.reply = 'hang';
    elapsed += KEYS_COOL_DOWN_MILLIS;
    // Would not come back before the time-out of the fetch if it waited for it.
    expect(await Promise.race([state(), keys.key('other').then(() => 'waited')])).toBe('known');
  });

  it('are unavailable while the endpoint was never up, with one fetch in the cool-down', async () => {
    server.reply = 'disconnect';
    for (let n = 0; n < 20; n += 1) expect(await state()).toBe('unavailable');
    expect(server.requests).toBe(1);
    server.reply = 'keys';
    elapsed += KEYS_COOL_DOWN_MILLIS;
    expect(await state()).toBe('known');
  });
});

describe('a key set', () => {
  it.each([
    ['error', 'status'],
    ['disconnect', 'unreachable'],
    ['redirect', 'unreachable'],
    ['hang', 'timeout'],
    ['endless', 'too_large'],
    ['page', 'malformed'],
    ['none', 'no_keys'],
  ] as const)('is refused when the endpoint answers with %s', async (reply, code) => {
    server.reply = reply;
    const timeoutMillis = reply === 'hang' ? 50 : 30_000;
    await expect(fetchKeys(server.url, { fetch, timeoutMillis })).rejects.toMatchObject({ name: 'JwksError', code });
    // No redirect was followed.
    expect(server.requests).toBe(1);
  });

  it('is taken without the keys that may not sign', async () => {
    server.reply = 'odd';
    expect([...(await fetchKeys(server.url, { fetch })).keys()]).toEqual([signer.kid]);
  });

  it('of an endpoint that is not there is unreachable', async () => {
    const { url } = server;
    await server.close();
    await expect(fetchKeys(url, { fetch })).rejects.toMatchObject({ code: 'unreachable' });
  });
});
