import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { createSender } from './sender.ts';

const LARGE = JSON.stringify({ requests: Array.from({ length: 20_000 }, (_, index) => `römer ${index} 🚀`) });

function rig(unsentBytes = 1e9, stalledMillis = 60_000, text = LARGE) {
  const sender = createSender({ unsentBytes, stalledMillis });
  const app = new Hono();
  app.get('/', (c) => {
    sender.checkRoom();
    return sender.json(c, [text.slice(0, 10), text.slice(10)]);
  });
  app.onError((error, c) => c.text('code' in error ? String(error.code) : 'defect', 500));
  return app;
}

describe('an answer', () => {
  it('arrives as it is, whatever its length', async () => {
    for (const text of ['{}', LARGE]) {
      const response = await rig(1e9, 60_000, text).request('/');
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(response.headers.get('content-encoding')).toBeNull();
      expect(await response.text()).toBe(text);
    }
  });

  it.each(['gzip', 'deflate, gzip;q=0.5, br', '*', 'GZIP'])('is packed for who asks: %s', async (accepted) => {
    const response = await rig().request('/', { headers: { 'accept-encoding': accepted } });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(response.headers.get('vary')).toBe('Accept-Encoding');
    const packed = Buffer.from(await response.arrayBuffer());
    expect(packed.length).toBeLessThan(LARGE.length / 3);
    expect(gunzipSync(packed).toString()).toBe(LARGE);
  });

  it.each(['', 'br', 'gzip;q=0', 'xgzip'])('is not packed for who does not: %s', async (accepted) => {
    const response = await rig().request('/', { headers: { 'accept-encoding': accepted } });
    expect(response.headers.get('content-encoding')).toBeNull();
  });

  /** Does not become small, so that it does not go out in one piece. */
  const packed = JSON.stringify(randomBytes(300_000).toString('base64'));

  it.each(['identity', 'gzip'])('that nobody takes counts until it is taken or given up (%s)', async (accepted) => {
    const app = rig(1, 60_000, packed);
    const slow = await app.request('/', { headers: { 'accept-encoding': accepted } });
    expect((await app.request('/')).status).toBe(500);
    await slow.body?.cancel();
    const quick = await app.request('/');
    expect(await quick.text()).toBe(packed);
    expect((await app.request('/')).status).toBe(200);
  });

  it('that nobody takes is cut off', async () => {
    const app = rig(1, 20);
    const slow = await app.request('/');
    await expect.poll(async () => (await app.request('/')).status, { timeout: 30_000 }).toBe(200);
    await expect(slow.text()).rejects.toThrow('the client takes nothing');
  });
});
