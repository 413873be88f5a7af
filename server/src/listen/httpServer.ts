import { readFileSync } from 'node:fs';
import { createServer as createHttp, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener, RequestError } from '@hono/node-server';
import type { Hono } from 'hono';
import type { LimitsConfig, ListenerConfig } from '../config/config.ts';
import { errorBody } from './errors.ts';

/** A listener cannot start. */
export class ListenError extends Error {
  readonly code = 'listen_failed';

  constructor(name: string, host: string, port: number, cause: unknown) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    super(`the listener "${name}" cannot listen on ${host} port ${port} (${why})`, { cause });
    this.name = 'ListenError';
  }
}

/** An HTTP or HTTPS server that listens. */
export interface Listener {
  readonly host: string;
  /** The chosen one where the configuration said 0. */
  readonly port: number;
  readonly scheme: 'http' | 'https';
  /** Takes no new connections, waits for what is in flight at most so long, cuts the rest. */
  close(deadlineMillis: number): Promise<void>;
}

export type ServerLimits = Pick<
  LimitsConfig,
  'headerBytes' | 'headersTimeoutMillis' | 'requestTimeoutMillis' | 'keepAliveMillis' | 'connections'
>;

/**
 * Starts one listener.
 *
 * A client certificate is asked for where `clientCaFile` is set, and never demanded in the handshake: each route
 * decides by `env.incoming.socket` whether it needs one.
 *
 * @throws ListenError when the address is taken or not ours, or when a certificate or key cannot be used.
 */
export async function startListener(
  name: string,
  config: ListenerConfig,
  limits: ServerLimits,
  app: Hono,
): Promise<Listener> {
  let server: Server;
  try {
    server = createServer(config, limits, app);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: config.host, port: config.port }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    throw new ListenError(name, config.host, config.port, error);
  }
  return {
    host: config.host,
    port: (server.address() as AddressInfo).port,
    scheme: config.tls === undefined ? 'http' : 'https',
    close: (deadlineMillis) => closeServer(server, deadlineMillis),
  };
}

function createServer(config: ListenerConfig, limits: ServerLimits, app: Hono): Server {
  const serverOptions = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTimeoutMillis,
    requestTimeout: limits.requestTimeoutMillis,
    keepAliveTimeout: limits.keepAliveMillis,
    // How often the two timeouts above are looked at; the default of 30 s would make short ones long.
    connectionsCheckingInterval: Math.min(1000, limits.headersTimeoutMillis),
  };
  // The adapter replaces Request and Response of the whole process unless told not to, which a library may not do.
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false, errorHandler: answerAdapterError });
  const server =
    config.tls === undefined
      ? createHttp(serverOptions, listener)
      : createHttps(
          {
            ...serverOptions,
            cert: readFileSync(config.tls.certFile),
            key: readFileSync(config.tls.keyFile),
            minVersion: 'TLSv1.2',
            ...(config.tls.clientCaFile === undefined
              ? {}
              : { ca: readFileSync(config.tls.clientCaFile), requestCert: true, rejectUnauthorized: false }),
          },
          listener,
        );
  server.maxConnections = limits.connections;
  server.on('clientError', answerClientError);
  return server;
}

const CLIENT_ERRORS: Readonly<Record<string, readonly [status: string, code: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'headers_too_large', 'the headers are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'request_timeout', 'the request did not arrive in time'],
};

/** What never becomes a request (nonsense, too large, too slow) is answered in the same shape as everything else. */
function answerClientError(error: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, code, message] = CLIENT_ERRORS[error.code ?? ''] ?? [
    '400 Bad Request',
    'bad_request',
    'this is no HTTP request',
  ];
  const body = JSON.stringify(errorBody(code, message));
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}

/** What the adapter makes no request of (a backslash in the path, a host that is none) never reaches the app. */
function answerAdapterError(error: unknown): Response {
  if (error instanceof RequestError) {
    const message = 'the path or the host of this request is none';
    return Response.json(errorBody('bad_request', message), { status: 400 });
  }
  return Response.json(errorBody('internal', 'the server failed to answer'), { status: 500 });
}

async function closeServer(server: Server, deadlineMillis: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), deadlineMillis);
  await closed;
  clearTimeout(cut);
}
