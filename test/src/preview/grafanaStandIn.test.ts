import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DATASOURCE_UID, type GrafanaStandIn, startGrafanaStandIn } from './grafanaStandIn.ts';

const PLUGIN_SOURCES = join(import.meta.dirname, '../../../grafana-plugin/src');
const PROXY = `api/datasources/proxy/uid/${DATASOURCE_UID}/`;

/** One request as a browser that lies about itself could send it; the path is not made tidy. */
function send(standIn: GrafanaStandIn, path: string, headers: Record<string, string> = {}, method = 'GET') {
  const { hostname, port, host } = new URL(standIn.url);
  return new Promise<{ status: number; headers: IncomingMessage['headers']; body: string }>((resolve, reject) => {
    const sent = request({ hostname, port, path: `/${path}`, method, headers: { host, ...headers } }, (answer) => {
      let body = '';
      answer.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
    });
    sent.on('error', reject);
    sent.end(method === 'POST' ? '{}' : undefined);
  });
}

const as = (role: string) => ({ cookie: `aisix_preview_role=${role}`, 'content-type': 'application/json' });

describe('the stand-in for Grafana', () => {
  let standIn: GrafanaStandIn;
  let reached: { url: string; headers: IncomingMessage['headers'] }[] = [];
  let answerWith = 200;
  const server = createServer((asked, answer) => {
    reached.push({ url: asked.url ?? '', headers: asked.headers });
    answer.writeHead(answerWith, { 'set-cookie': 'a=b', 'content-type': 'application/json' }).end('{}');
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const serverUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const nowhere = join(PLUGIN_SOURCES, 'nowhere');
    standIn = await startGrafanaStandIn({
      // Routes are those of the plugin itself; nothing is built.
      files: async () => ({
        plugin: PLUGIN_SOURCES,
        page: nowhere,
        icons: nowhere,
        inter: nowhere,
        robotoMono: nowhere,
        grafanaVersion: '13.2.2',
      }),
      serverUrl: () => serverUrl,
    });
  });
  afterAll(async () => {
    await standIn.close();
    server.close();
  });
  beforeEach(() => {
    reached = [];
    answerWith = 200;
  });

  it('asks with the identity of the role, the secret, and nothing else of the browser', async () => {
    const answer = await send(
      standIn,
      `${PROXY}requests/search?a=1`,
      { ...as('Editor'), 'x-grafana-id': 'forged', authorization: 'Bearer x', referer: standIn.url },
      'POST',
    );
    expect(answer.status).toBe(200);
    expect(answer.headers['content-security-policy']).toBe('sandbox');
    expect(answer.headers['set-cookie']).toBeUndefined();
    const [{ url, headers } = { url: '', headers: {} }] = reached;
    expect(url).toBe('/requests/search?a=1');
    const [, claims = ''] = String(headers['x-grafana-id']).split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      aud: 'org:1',
      iss: standIn.url,
      role: 'Editor',
      type: 'user',
    });
    expect(headers['x-aisix-datasource-secret']).toBe(standIn.grafanaEntry([]).secret);
    expect(headers['user-agent']).toBe('Grafana/13.2.2');
    expect([headers.cookie, headers.authorization, headers.referer]).toEqual([undefined, undefined, undefined]);
  });

  it.each([
    ['Viewer', 'changes/search', 403],
    ['Viewer', 'changesx', 403],
    ['Viewer', 'requests/../changes/search', 403],
    ['Viewer', '/changes/search', 403],
    ['Viewer', '%63hanges/search', 403],
    ['Viewer', 'investigations/request', 403],
    ['Editor', 'investigations/request', 200],
    ['Editor', 'anything', 403],
    ['Viewer', 'requests/search', 200],
    ['Editor', 'changes/search', 200],
    ['Admin', 'anything', 200],
    ['None', 'changes/search', 200],
  ])('chooses the route of %s for %s', async (role, path, status) => {
    expect((await send(standIn, `${PROXY}${path}`, as(role), 'POST')).status).toBe(status);
    expect(reached).toHaveLength(status === 200 ? 1 : 0);
    // Whoever has no role yet is the one who started it; nobody else can reach it.
    if (role === 'Admin') expect(reached[0]?.url).toBe('/not-found/anything');
  });

  it('makes a 401 of the server what Grafana makes of it', async () => {
    answerWith = 401;
    const { status, body } = await send(standIn, `${PROXY}requests/fields`, as('Admin'));
    expect([status, body]).toEqual([400, '{"message":"Authentication to data source failed"}']);
  });

  it.each([
    ['under a foreign name', { host: 'rebound.example' }, 421],
    ['of another page', { origin: 'https://evil.example' }, 403],
    ['of another page that hides its origin', { origin: 'null' }, 403],
    ['as part of another page', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 403],
    ['from another port of this machine', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }, 403],
    ['by a link', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 200],
  ])('answers a request %s as it may', async (_, headers, status) => {
    expect((await send(standIn, '', headers)).status).toBe(status);
  });

  it('takes no other role than the three, and gives out no file beside its own', async () => {
    const answer = await fetch(new URL('preview/role', standIn.url), { method: 'POST', body: '{"role":"Root"}' });
    expect(answer.status).toBe(400);
    for (const path of [
      'public/plugins/aisix-observability-datasource/../datasource.ts',
      'public/plugins/aisix-observability-datasource/%2e%2e/package.json',
      'public/plugins/aisix-observability-datasource/..%2fpackage.json',
      'host/../plugin.json',
      'preview/../../package.json',
    ]) {
      expect((await send(standIn, path)).status).toBe(404);
    }
    expect((await send(standIn, 'public/plugins/aisix-observability-datasource/plugin.json')).status).toBe(200);
  });
});
