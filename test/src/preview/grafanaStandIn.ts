import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, extname, join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { createGrafanaSigner } from '../../../server/src/identity/testing/grafanaSigner.ts';
import type { PreviewBoot } from './bootData.ts';
import { type DataProxy, proxied } from './proxy/dataProxy.ts';
import { ownPageOnly } from './proxy/ownPage.ts';
import { ORG_ROLES, type OrgRole, type PluginRoute } from './proxy/pluginRoutes.ts';

/** What is served, in folders of its own. */
export interface PreviewFiles {
  /** The plugin as it was built. */
  readonly plugin: string;
  /** The host page. */
  readonly page: string;
  /** Icons of Grafana's components, and the two fonts of its themes. */
  readonly icons: string;
  readonly inter: string;
  readonly robotoMono: string;
  /** Version of Grafana's packages. */
  readonly grafanaVersion: string;
}

export interface StandInOptions {
  /** Called at the first visit; a build takes a while, and most people never look. */
  readonly files: () => Promise<PreviewFiles>;
  /** Address of the api listener, when it is known. */
  readonly serverUrl: () => string | undefined;
  readonly port?: number;
}

/** What the server is told of this stand-in: an entry of `grafana:` in its configuration. */
export interface GrafanaEntry {
  readonly issuer: string;
  readonly jwks_url: string;
  readonly org_id: number;
  readonly environments: readonly string[];
  readonly secret: string;
}

export interface GrafanaStandIn {
  readonly url: string;
  grafanaEntry(environments: readonly string[]): GrafanaEntry;
  close(): Promise<void>;
}

export const DATASOURCE_UID = 'aisix-preview';
const PLUGIN_ID = 'aisix-observability-datasource';
const COOKIE = 'aisix_preview_role';

/**
 * Stands in for a Grafana on this machine: hands out the host page and the plugin, and asks the server for the browser
 * as Grafana's data proxy does, with an identity signed for the role that was chosen. Its key lives in memory and is
 * gone with it. What it assumes of Grafana is in `docs/grafana-contract.md`.
 */
export async function startGrafanaStandIn({ files, serverUrl, port = 0 }: StandInOptions): Promise<GrafanaStandIn> {
  const secret = randomBytes(24).toString('base64url');
  let host = '';
  let started: Promise<PreviewFiles> | undefined;
  // A build that failed is tried again by the next visit.
  const ready = () => {
    started ??= files().catch((error: unknown) => {
      started = undefined;
      throw error;
    });
    return started;
  };

  const app = new Hono();
  const server = createServer(getRequestListener(app.fetch));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const signer = createGrafanaSigner(`http://${host}/`);

  // The server itself comes for the keys, without a browser's headers.
  app.use(ownPageOnly(() => host));
  app.get('/api/signing-keys/keys', (context) => context.json(signer.jwks()));

  app.get('/', async () => {
    const page = await readFile(join(OWN_FILES, 'index.html'));
    return new Response(page, { headers: { ...PAGE_HEADERS, 'content-type': 'text/html; charset=utf-8' } });
  });
  app.get('/preview/theme.js', (context) => file(context, OWN_FILES, '/preview/'));
  app.get('/preview/logo.svg', (context) => file(context, OWN_FILES, '/preview/'));
  app.post('/preview/role', async (context) => {
    const { role } = (await context.req.json()) as { role?: unknown };
    const known = ORG_ROLES.find((each) => each === role);
    if (known === undefined) return context.json({ message: `role must be one of ${ORG_ROLES.join(', ')}` }, 400);
    setCookie(context, COOKIE, known, { httpOnly: true, sameSite: 'Strict', path: '/' });
    return context.json({ role: known });
  });
  app.get('/preview/boot.json', async (context) => {
    const { plugin, grafanaVersion } = await ready();
    const boot: PreviewBoot = {
      role: roleOf(context),
      grafanaVersion,
      plugin: JSON.parse(await readFile(join(plugin, 'plugin.json'), 'utf8')) as PreviewBoot['plugin'],
      datasource: { uid: DATASOURCE_UID, name: 'AISIX', serverUrl: serverUrl() ?? '' },
    };
    return context.json(boot, 200, { 'cache-control': 'no-store' });
  });
  app.get('/host/*', async (context) => file(context, (await ready()).page, '/host/'));
  app.get('/public/plugins/*', async (context) =>
    file(context, (await ready()).plugin, `/public/plugins/${PLUGIN_ID}/`),
  );
  app.get('/public/build/img/icons/*', async (context) => {
    const prefix = '/public/build/img/icons/';
    const packaged = await file(context, (await ready()).icons, prefix);
    if (packaged.ok) return packaged;
    // A few are not in the package; one that is not drawn here either stays blank.
    const own = await file(context, join(OWN_FILES, 'icons'), `${prefix}unicons/`);
    return own.ok ? own : new Response(BLANK_ICON, { headers: { 'content-type': 'image/svg+xml' } });
  });
  app.get('/public/fonts/:family/:name', async (context) => {
    const { inter, robotoMono } = await ready();
    const { family, name } = context.req.param();
    const path =
      family === 'roboto'
        ? join(robotoMono, 'roboto-mono-latin-wght-normal.woff2')
        : join(inter, `inter-latin-wght-${name.includes('Italic') ? 'italic' : 'normal'}.woff2`);
    return new Response(await readFile(path), {
      headers: { 'content-type': 'font/woff2', 'cache-control': 'max-age=86400' },
    });
  });
  app.get('/favicon.ico', (context) => context.body(null, 204));

  let proxy: Promise<DataProxy> | undefined;
  const makeProxy = async (): Promise<DataProxy> => {
    const { plugin, grafanaVersion } = await ready();
    const { routes } = JSON.parse(await readFile(join(plugin, 'plugin.json'), 'utf8')) as { routes: PluginRoute[] };
    return {
      routes,
      settings: () => ({
        jsonData: { serverUrl: serverUrl() ?? '' },
        secureJsonData: { datasourceSecret: secret },
      }),
      identity: (role) => signer.sign(role),
      userAgent: `Grafana/${grafanaVersion}`,
    };
  };
  const PROXY = `/api/datasources/proxy/uid/${DATASOURCE_UID}/`;
  app.all(`${PROXY}*`, async (context) => {
    proxy ??= makeProxy();
    // As it came: Grafana's choice of a route does not decode it either.
    const path = new URL(context.req.url).pathname.slice(PROXY.length);
    return proxied(context, path, roleOf(context), await proxy);
  });
  app.onError((error, context) => context.json({ message: error.message }, 500));

  return {
    url: `http://${host}/`,
    grafanaEntry: (environments) => ({
      issuer: signer.issuer,
      jwks_url: `http://${host}/api/signing-keys/keys`,
      org_id: 1,
      environments,
      secret,
    }),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

const BLANK_ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"></svg>';

/** Of the page what needs no build. */
const OWN_FILES = join(import.meta.dirname, 'page/static');

/** Nothing is loaded from anywhere else. Grafana's components write styles and carry pictures in their addresses. */
const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
} as const;

/** Who comes first is the one who installed it. */
function roleOf(context: Context): OrgRole {
  const chosen = getCookie(context, COOKIE);
  return ORG_ROLES.find((role) => role === chosen) ?? 'Admin';
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.png': 'image/png',
};

const NAME = /^[\w@. -]+(\/[\w@. -]+)*$/;

/** A file below a folder; names that could lead out of it are not known. */
async function file(context: Context, folder: string, prefix: string): Promise<Response> {
  const name = decodeURIComponent(context.req.path.slice(prefix.length));
  const type = TYPES[extname(name)];
  if (
    !context.req.path.startsWith(prefix) ||
    !NAME.test(name) ||
    name.split('/').includes('..') ||
    type === undefined
  ) {
    return context.notFound();
  }
  // A build has a folder of its own, so that the same name in the same folder is the same file.
  const etag = `"${basename(folder)}"`;
  if (context.req.header('if-none-match') === etag) return new Response(null, { status: 304, headers: { etag } });
  try {
    const headers = { 'content-type': type, 'cache-control': 'no-cache', etag, 'x-content-type-options': 'nosniff' };
    return new Response(await readFile(join(folder, name)), { headers });
  } catch {
    return context.notFound();
  }
}
