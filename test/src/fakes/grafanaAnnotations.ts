import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answered, createGrafanaStore, type GrafanaStoreOptions, type KeptAnnotation } from './grafanaStore.ts';

/** What goes wrong with one request. `committed`: it is done all the same. */
export type GrafanaFault =
  | { readonly kind: 'status'; readonly status: number; readonly committed?: boolean; readonly retryAfter?: string }
  /** A page of something between here and Grafana. */
  | { readonly kind: 'page'; readonly status: number; readonly committed?: boolean }
  /** The connection is reset instead of an answer. */
  | { readonly kind: 'reset'; readonly committed?: boolean }
  /** Never answers; done at once, never, or only after so many milliseconds. */
  | { readonly kind: 'hang'; readonly committed?: boolean; readonly commitAfterMillis?: number }
  /** 200 with a page that is no answer of Grafana. */
  | { readonly kind: 'garbage'; readonly committed?: boolean }
  /** 200 with an answer without end. */
  | { readonly kind: 'endless' }
  | { readonly kind: 'redirect'; readonly location: string };

export interface GrafanaRequest {
  /** 1 for the first. */
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface FakeGrafanaOptions extends GrafanaStoreOptions {
  readonly token?: string;
  /** Of the token; all of annotations unless told. */
  readonly permissions?: readonly string[];
  readonly orgId?: number;
  readonly fault?: (request: GrafanaRequest) => GrafanaFault | undefined;
}

export interface FakeGrafana {
  readonly url: string;
  readonly annotations: ReadonlyMap<number, KeptAnnotation>;
  readonly requests: readonly GrafanaRequest[];
  fault(fault: ((request: GrafanaRequest) => GrafanaFault | undefined) | undefined): void;
  permit(permissions: readonly string[]): void;
  /** Puts one there that somebody else made. */
  seed(annotation: { time: number; text: string; tags: readonly string[] }): number;
  /** Writes that come later than their sender gave up are still to be done. */
  readonly pending: number;
  close(): Promise<void>;
}

export const FAKE_TOKEN = 'glsa_fake_of_the_tests';

const ALL = ['create', 'write', 'delete', 'read'].map((action) => `annotations:${action}`);
const NEEDS: Readonly<Record<string, string>> = {
  POST: 'annotations:create',
  PATCH: 'annotations:write',
  DELETE: 'annotations:delete',
  GET: 'annotations:read',
};
/** Requests kept for looking at. */
const MAX_REQUESTS = 5_000;

/** A Grafana on 127.0.0.1 that has one organization, a service account, annotations, and faults on demand. */
export async function startFakeGrafana(options: FakeGrafanaOptions = {}): Promise<FakeGrafana> {
  const store = createGrafanaStore(options);
  const { token = FAKE_TOKEN, orgId = 1 } = options;
  let { fault } = options;
  let permissions = options.permissions ?? ALL;
  const requests: GrafanaRequest[] = [];
  let number = 0;
  const late = new Set<NodeJS.Timeout>();

  const act = ({ method, path, body }: GrafanaRequest): Answered => {
    const url = new URL(path, 'http://grafana');
    const [, , resource, id] = url.pathname.split('/');
    if (resource === 'org') return { status: 200, body: { id: orgId, name: 'Main Org.' } };
    if (resource !== 'annotations') return { status: 404, body: { message: 'Not found' } };
    if (method === 'POST') return store.create(JSON.parse(body), Date.now());
    if (method === 'GET' && id === undefined) return store.search(url.searchParams);
    if (method === 'GET' && id === 'tags') return store.tags();
    if (method === 'GET') return store.read(Number(id));
    if (method === 'PATCH') return store.patch(Number(id), JSON.parse(body));
    if (method === 'DELETE') return store.remove(Number(id));
    return { status: 404, body: { message: 'Not found' } };
  };

  const allowed = ({ method, path, headers }: GrafanaRequest): Answered | undefined => {
    if (headers.authorization !== `Bearer ${token}`) return { status: 401, body: { message: 'Invalid API key' } };
    const needed = NEEDS[method] ?? '';
    if (path.startsWith('/api/org') || permissions.includes(needed)) return undefined;
    const message = `You'll need additional permissions to perform this action. Permissions needed: ${needed}`;
    return { status: 403, body: { accessErrorId: 'ACE0000000001', message, title: 'Access denied' } };
  };

  const fail = (wrong: GrafanaFault, request: GrafanaRequest, response: ServerResponse): void => {
    if ('committed' in wrong && wrong.committed === true) act(request);
    switch (wrong.kind) {
      case 'status':
        response.writeHead(wrong.status, {
          'content-type': 'application/json',
          ...(wrong.retryAfter !== undefined && { 'retry-after': wrong.retryAfter }),
        });
        response.end(JSON.stringify({ message: 'fault on demand' }));
        break;
      case 'page':
        response.writeHead(wrong.status, { 'content-type': 'text/html' }).end('<html><h1>Sorry</h1></html>');
        break;
      case 'reset':
        response.socket?.resetAndDestroy();
        break;
      case 'hang':
        if (wrong.commitAfterMillis !== undefined) {
          const timer = setTimeout(() => {
            late.delete(timer);
            act(request);
          }, wrong.commitAfterMillis);
          late.add(timer);
        }
        break;
      case 'garbage':
        response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Welcome</title>');
        break;
      case 'endless': {
        response.writeHead(200, { 'content-type': 'application/json' });
        const more = (): void => {
          if (!response.destroyed) response.write(' '.repeat(65_536), () => setImmediate(more));
        };
        more();
        break;
      }
      case 'redirect':
        response.writeHead(302, { location: wrong.location }).end();
        break;
    }
  };

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    number += 1;
    const request: GrafanaRequest = {
      number,
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    };
    if (requests.length < MAX_REQUESTS) requests.push(request);
    const wrong = fault?.(request);
    if (wrong !== undefined) return fail(wrong, request, response);
    const { status, body } = allowed(request) ?? act(request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

  const server = createServer((incoming, response) => {
    // A sender that is killed while it sends.
    handle(incoming, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    annotations: store.kept,
    requests,
    fault(next) {
      fault = next;
    },
    permit(next) {
      permissions = next;
    },
    seed(annotation) {
      return (store.create(annotation, Date.now()).body as { id: number }).id;
    },
    get pending() {
      return late.size;
    },
    async close() {
      if (!server.listening) return;
      for (const timer of late) clearTimeout(timer);
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
