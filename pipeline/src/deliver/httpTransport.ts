import * as http from 'node:http';
import * as https from 'node:https';
import { type Clock, systemClock } from './clock.ts';
import type { Answer, FailureReason, Transport } from './transport.ts';

export interface HttpTransportOptions {
  /** `http:` or `https:`. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMillis: number;
  readonly responseBytes: number;
  /** Connections at the same moment. */
  readonly sockets: number;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly clock?: Clock;
}

/** How a connection that stood is lost; other codes (refused, unknown host, certificate) come before it stands. */
const LOST = /^(?:ECONNRESET|EPIPE|ECONNABORTED|HPE_.*)$/;
/** How a kept connection shows that the other side had closed it while it was idle. */
const STALE_CONNECTION = new Set(['ECONNRESET', 'EPIPE']);

/**
 * Posts with node's own client: `Content-Length` is always set (some proxies refuse chunked bodies), redirects are
 * not followed, connections are kept, and private authorities and client certificates work, which `fetch` has no
 * standard option for.
 */
export function createHttpTransport(options: HttpTransportOptions): Transport {
  const clock = options.clock ?? systemClock;
  const secure = options.url.protocol === 'https:';
  const settings = { keepAlive: true, maxSockets: options.sockets };
  const agent = secure ? new https.Agent({ ...settings, ...options.tls }) : new http.Agent(settings);
  const request = secure ? https.request : http.request;

  const attempt = (body: Uint8Array, signal: AbortSignal): Promise<Answer | 'stale'> =>
    new Promise((resolve) => {
      const outgoing = request(options.url, {
        method: 'POST',
        agent,
        headers: { ...options.headers, 'content-length': body.byteLength },
      });
      let timedOut = false;
      let incoming: http.IncomingMessage | undefined;

      const settle = (answer: Answer | 'stale') => {
        cancelTimer();
        signal.removeEventListener('abort', onAbort);
        resolve(answer);
      };
      const cancelTimer = clock.after(options.timeoutMillis, () => {
        timedOut = true;
        outgoing.destroy();
      });
      const onAbort = () => outgoing.destroy();
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();

      const broken = (code: string) => {
        if (signal.aborted) return settle({ kind: 'aborted' });
        // Who refuses early often closes while we still write; the status is all that is needed then.
        const status = incoming?.statusCode ?? 0;
        if (incoming !== undefined && status >= 300) return settle(answered(incoming, new Uint8Array()));
        if (timedOut) return settle({ kind: 'failed', reason: 'timeout', code: 'ETIMEDOUT' });
        if (incoming === undefined && outgoing.reusedSocket && STALE_CONNECTION.has(code)) return settle('stale');
        const reason: FailureReason = LOST.test(code) ? 'disconnected' : 'unreachable';
        return settle({ kind: 'failed', reason, code });
      };
      outgoing.on('error', (error: NodeJS.ErrnoException) => broken(error.code ?? 'UNKNOWN'));
      outgoing.on('response', (response) => {
        incoming = response;
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes <= options.responseBytes) {
            chunks.push(chunk);
          } else {
            settle(answered(response, undefined));
            outgoing.destroy();
          }
        });
        response.on('end', () => settle(answered(response, Buffer.concat(chunks))));
        response.on('error', (error: NodeJS.ErrnoException) => broken(error.code ?? 'UNKNOWN'));
        response.on('close', () => {
          if (!response.complete) broken('ECONNRESET');
        });
      });
      outgoing.end(body);
    });

  return {
    async send(body, signal) {
      const first = await attempt(body, signal);
      if (first !== 'stale') return first;
      // Not the backend's fault and no reason to wait: it had closed an idle connection just before we used it.
      const second = await attempt(body, signal);
      return second === 'stale' ? { kind: 'failed', reason: 'disconnected', code: 'ECONNRESET' } : second;
    },
    close: () => agent.destroy(),
  };
}

function answered(response: http.IncomingMessage, body: Uint8Array | undefined): Answer {
  const { location } = response.headers;
  const retryAfter = response.headers['retry-after'];
  const contentType = response.headers['content-type'];
  return {
    kind: 'answered',
    status: response.statusCode ?? 0,
    body,
    ...(location === undefined ? {} : { location }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(contentType === undefined ? {} : { contentType }),
  };
}
