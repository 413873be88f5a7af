import { readFileSync } from 'node:fs';
import { createServer as createHttp, type Server, STATUS_CODES } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Recorder } from '@aisix-observability/pipeline';
import { getRequestListener, RequestError } from '@hono/node-server';
import type { Hono } from 'hono';
import type { LimitsConfig, ListenerConfig } from '../config/config.ts';
import { type CONNECTION_FAULTS, errorBody, LISTENER_ERRORS } from './errors.ts';

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
  recorder: Recorder,
): Promise<Listener> {
  let server: Server;
  const unreadable: CountUnreadable = (code) => recorder.count('aisix_http_unreadable', 1, { listener: name, code });
  try {
    server = createServer(config, limits, app, unreadable);
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

/** Counts what never became a request. */
type CountUnreadable = (code: keyof typeof LISTENER_ERRORS | keyof typeof CONNECTION_FAULTS) => void;

function createServer(config: ListenerConfig, limits: ServerLimits, app: Hono, unreadable: CountUnreadable): Server {
  const options = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTimeoutMillis,
    requestTimeout: limits.requestTimeoutMillis,
    keepAliveTimeout: limits.keepAliveMillis,
    // How often the two timeouts above are looked at; the default of 30 s would make short ones long.
    connectionsCheckingInterval: Math.min(1000, limits.headersTimeoutMillis),
  };
  const listener = getRequestListener(app.fetch, {
    // The adapter replaces Request and Response of the whole process unless told not to, which a library may not do.
    overrideGlobalObjects: false,
    // The application answers its own errors; what comes here could not be made a request (its host or target).
    errorHandler(error) {
      if (!(error instanceof RequestError)) {
        return Response.json(errorBody('internal', 'the server failed to answer'), { status: 500 });
      }
      unreadable('bad_request');
      return Response.json(errorBody('bad_request', 'the host or the target of the request is not valid'), {
        status: LISTENER_ERRORS.bad_request.status,
        headers: { connection: 'close' },
      });
    },
  });
  const server =
    config.tls === undefined
      ? createHttp(options, listener)
      : createHttps(
          {
            ...options,
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
  // Node tells of a failed handshake twice; nobody is there to read an answer.
  const failedHandshakes = new WeakSet<Duplex>();
  server.prependListener('tlsClientError', (_error: Error, socket: Duplex) => {
    failedHandshakes.add(socket);
    unreadable('tls_failed');
  });
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    if (failedHandshakes.has(socket)) socket.destroy();
    else answerClientError(error, socket, unreadable);
  });
  server.on('checkExpectation', (_request, response) => {
    unreadable('expectation_failed');
    const body = JSON.stringify(errorBody('expectation_failed', 'only the expectation 100-continue is met'));
    response.writeHead(LISTENER_ERRORS.expectation_failed.status, { 'content-type': 'application/json' }).end(body);
  });
  server.on('drop', () => unreadable('too_many_connections'));
  return server;
}

const CLIENT_ERRORS: Readonly<Record<string, readonly [code: keyof typeof LISTENER_ERRORS, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['headers_too_large', 'the headers are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 'the request did not arrive in time'],
};

/** What never becomes a request (nonsense, too large, too slow) is answered in the same shape as everything else. */
function answerClientError(error: Error & { code?: string }, socket: Duplex, unreadable: CountUnreadable): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [code, message] = CLIENT_ERRORS[error.code ?? ''] ?? ['bad_request', 'this is no HTTP request'];
  unreadable(code);
  const { status } = LISTENER_ERRORS[code];
  const body = JSON.stringify(errorBody(code, message));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}

async function closeServer(server: Server, deadlineMillis: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), deadlineMillis);
  await closed;
  clearTimeout(cut);
}
