import { request as httpRequest } from 'node:http';
import { createServer as createHttpsServer, request as httpsRequest, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import type { ReceiverEnv } from '../nodeRequest.ts';

export interface TestServer {
  readonly port: number;
  close(): Promise<void>;
}

/** A real listener on 127.0.0.1, with TLS when options for it are given. */
export async function listen(app: Hono<ReceiverEnv>, tls?: ServerOptions): Promise<TestServer> {
  const options = tls === undefined ? {} : { createServer: createHttpsServer, serverOptions: tls };
  const server = createAdaptorServer({ fetch: app.fetch, ...options });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** One request with the path exactly as given: no client that tidies it up. */
export function send(options: {
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly tls?: { readonly ca: string; readonly cert?: string; readonly key?: string };
}): Promise<Answer> {
  const { port, method, path, headers = {}, body, tls } = options;
  return new Promise((resolve, reject) => {
    const target = { host: '127.0.0.1', port, method, path, headers, agent: false as const };
    const sent = tls === undefined ? httpRequest(target) : httpsRequest({ ...target, ...tls, servername: 'localhost' });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.end(body);
  });
}
