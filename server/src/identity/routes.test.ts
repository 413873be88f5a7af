import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Guard } from './guard.ts';
import { API_ROUTES } from './routes.ts';
import { CALLERS, configOf, grafana, type Heard, NOW, OTHER_SECRET, SECRET, token } from './testing/callers.ts';
import { type GuardedServer, startGuardedServer } from './testing/guardedServer.ts';
import { type SigningKeysServer, startSigningKeysServer } from './testing/signingKeysServer.ts';

let keys: SigningKeysServer;
let server: GuardedServer;
beforeAll(async () => {
  keys = await startSigningKeysServer(grafana);
  server = await startGuardedServer(configOf(keys.url), { now: () => NOW });
});
afterAll(async () => {
  await server.close();
  await keys.close();
});

const ROUTES = Object.entries(API_ROUTES).map(([route, guard]) => {
  const [method = '', path = ''] = route.split(' ');
  return { route, method, path, asks: asked(guard) };
});

function asked(guard: Guard): keyof Heard {
  return guard.needs === 'scope' ? guard.scope : 'operator';
}

const encoded = (letter: string) => `%${letter.charCodeAt(0).toString(16)}`;

/** Spellings that some router, proxy or URL parser takes for the same path, or for one below another. */
function spellings(path: string): string[] {
  const first = path.charAt(1);
  const rest = path.slice(2);
  const [, head = '', ...tail] = path.split('/');
  const below = tail.length === 0 ? '' : `/${tail.join('/')}`;
  return [
    `/${encoded(first)}${rest}`,
    `/%25${first.charCodeAt(0).toString(16)}${rest}`,
    `${path.slice(0, -1)}${encoded(path.slice(-1))}`,
    `/${first.toUpperCase()}${rest}`,
    path.toUpperCase(),
    `/${path}`,
    path.replaceAll('/', '//'),
    `/.${path}`,
    `/%2e${path}`,
    `/x/..${path}`,
    `/x/%2e%2e${path}`,
    `/x/.%2E${path}`,
    `/requests/..${path}`,
    `/requests/search/../..${path}`,
    `/health/..${path}`,
    `/${head}/.${below}`,
    `/${head}/x/..${below}`,
    `${path}/`,
    `${path}/.`,
    `${path}/x/..`,
    `${path}%2f`,
    `/requests%2f..${path}`,
    path.replace(/\/(?=[^/]*$)/, '%2f'),
    path.replace(/\/(?=[^/]*$)/, '%5c'),
    path.replaceAll('/', '\\').replace('\\', '/').concat('\\'),
    `/requests\\..${path}`,
    `/${head};a=b${below}`,
    `${path};a=b`,
    `/;${path}`,
    `${path}%00`,
    `${path}%20`,
    `${path}.`,
    `${path}.json`,
    `${path}%3f`,
    `${path}%23`,
    `${path}#x`,
    `/api${path}`,
    `http://127.0.0.1${path}`,
  ];
}

describe.each(CALLERS)('$name', ({ headers, heard, environments }) => {
  it('hears on every route what is due', async () => {
    for (const { route, method, path, asks } of ROUTES) {
      const before = server.handled;
      const { status, body, headers: answered } = await server.send(method, path, headers);
      const { error, reader } = JSON.parse(body);
      const code = status === 200 ? 'ok' : `${status} ${error.code}`;
      expect({ route, code, handled: server.handled - before }).toEqual({
        route,
        code: heard[asks],
        handled: heard[asks] === 'ok' ? 1 : 0,
      });
      expect(answered['cache-control']).toBe('no-store');
      if (code === 'ok') expect(reader.environments).toEqual(environments);
      else expectSafe(body, headers);
      if (status === 401) expect(answered['www-authenticate']).toBe('Bearer');
    }
  });

  it('reaches nothing by another spelling of a path', async () => {
    const before = server.handled;
    const variants = ROUTES.flatMap(({ method, path }) => spellings(path).map((target) => ({ method, target })));
    const wrong = await Promise.all(
      variants.map(async ({ method, target }) => {
        const { status, body } = await server.send(method, target, headers);
        // Of these the adapter makes no request.
        const none = target.includes('\\') || target.startsWith('%');
        const due = none ? '400 bad_request' : '404 not_found';
        const heard = `${status} ${JSON.parse(body).error.code}`;
        return heard === due ? [] : [`${heard} ${method} ${target}`];
      }),
    );
    expect(wrong.flat()).toEqual([]);
    expect(server.handled).toBe(before);
  });
});

function expectSafe(body: string, headers: Readonly<Record<string, string>>): void {
  const { error } = JSON.parse(body);
  expect(error.message).toMatch(/./);
  const identity = headers['x-grafana-id'];
  const secrets = [SECRET, OTHER_SECRET, token('changes'), headers.authorization?.slice(7), identity];
  for (const secret of secrets) if (secret !== undefined && secret !== 'nonsense') expect(body).not.toContain(secret);
  for (const part of identity?.split('.') ?? []) if (part.length > 10) expect(body).not.toContain(part);
}

describe('routes', () => {
  const admin = CALLERS.find(({ name }) => name === 'Admin')?.headers ?? {};

  it('are those of the API, each with its guard', () => {
    expect(ROUTES.filter(({ asks }) => asks === 'changes').map(({ path }) => path)).toEqual([
      '/changes/search',
      '/changes/get',
      '/changes/verdict',
      '/investigations/request',
      '/investigations/incident',
      '/investigations/impact',
    ]);
    expect(ROUTES.filter(({ asks }) => asks === 'requests')).toHaveLength(8);
  });

  it('without a declared guard cannot be reached', async () => {
    const before = server.handled;
    expect(await server.send('GET', '/forgotten', admin)).toMatchObject({ status: 404 });
    expect(server.handled).toBe(before);
  });

  it('take a query string as part of the resource', async () => {
    expect((await server.send('GET', '/requests/fields?a=/../b', admin)).status).toBe(200);
  });

  it.each(['GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'HEAD', 'PROPFIND'])(
    'have no other method (%s)',
    async (method) => {
      const before = server.handled;
      const answer = await server.send(method, '/changes/search', admin);
      expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST' } });
      expect(server.handled).toBe(before);
    },
  );

  it('guard HEAD as GET', async () => {
    expect((await server.send('HEAD', '/requests/fields', admin)).status).toBe(200);
    expect((await server.send('HEAD', '/requests/fields', { 'x-forwarded-for': '192.0.2.7' })).status).toBe(401);
  });

  it('do not move with a Host that holds a path', async () => {
    const before = server.handled;
    for (const host of ['a/changes/search?', 'a/../changes', 'a#', 'a\\changes']) {
      const { status, body } = await server.send('POST', '/requests/get', { ...admin, host });
      expect([status, JSON.parse(body).error.code]).toEqual([400, 'bad_request']);
    }
    expect(server.handled).toBe(before);
  });
});
