import { Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export interface HttpCall {
  readonly method: 'PUT' | 'POST';
  /** `http://host:port` or `https://…`, without a path. */
  readonly baseUrl: string;
  /** Goes on the wire as it stands; `fetch` would normalise it. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Rejects when there is no answer: refused, reset, timed out. */
export type HttpSend = (call: HttpCall) => Promise<HttpReply>;

export interface HttpSendOptions {
  /** Sockets per host. */
  readonly connections?: number;
  readonly timeoutMs?: number;
  /** PEM; `cert` and `key` are the client certificate of `/dp/telemetry`. */
  readonly tls?: { readonly ca: string; readonly cert?: string; readonly key?: string };
}

/** As much as the data plane reads of an answer; more is cut off. */
const MAX_REPLY_BYTES = 1 << 20;

/** An HTTP/1.1 client over kept-alive connections that leaves the path alone. Call `close` to drop the connections. */
export function createHttpSend(options: HttpSendOptions = {}): { send: HttpSend; close(): void } {
  const { connections = 8, timeoutMs = 10_000, tls } = options;
  const pool = { keepAlive: true, maxSockets: connections };
  const http = new HttpAgent(pool);
  const https = new HttpsAgent({ ...pool, ...tls });
  const send: HttpSend = ({ method, baseUrl, path, headers, body }) =>
    new Promise((resolve, reject) => {
      const { protocol, hostname, port } = new URL(baseUrl);
      const secure = protocol === 'https:';
      const wire: RequestOptions = {
        method,
        hostname,
        port,
        path,
        headers: { 'content-length': Buffer.byteLength(body), ...headers },
        agent: secure ? https : http,
        timeout: timeoutMs,
      };
      const request = (secure ? httpsRequest : httpRequest)(wire, (reply) => {
        let text = '';
        reply.setEncoding('utf8');
        reply.on('data', (chunk: string) => {
          if (text.length < MAX_REPLY_BYTES) text += chunk;
        });
        reply.on('error', reject);
        reply.on('end', () => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body: text }));
      });
      request.on('timeout', () => request.destroy(new Error('No answer in time.')));
      request.on('error', reject);
      request.end(body);
    });
  return {
    send,
    close: () => {
      http.destroy();
      https.destroy();
    },
  };
}
