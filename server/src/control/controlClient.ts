import { Agent, request } from 'node:http';
import type { Accept } from '@aisix-observability/collector-exporter';
import { StreamFullError, StreamUnavailableError } from '@aisix-observability/pipeline';
import type { ErrorBody } from '../listen/errors.ts';

/** No server listens on the socket: it does not run, or runs on another data directory. */
export class NotRunningError extends Error {
  readonly code = 'server_not_running';

  constructor(message = 'no server is running on this data directory', cause?: unknown) {
    super(message, { cause });
    this.name = 'NotRunningError';
  }
}

/** The server refused a command. */
export class ControlError extends Error {
  readonly code: string;
  readonly hint: string | undefined;

  constructor({ error }: ErrorBody) {
    super(error.message);
    this.name = 'ControlError';
    this.code = error.code;
    this.hint = error.hint;
  }
}

/** Speaks with the server that owns a data directory. */
export interface ControlClient {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: string, headers?: Readonly<Record<string, string>>): Promise<T>;
  /** Hands deliveries to the server; throws the stream's own errors when it is full, so that callers can wait. */
  readonly accept: Accept;
  close(): void;
}

/** As many as a backfill has in flight. */
const MAX_SOCKETS = 16;

export function createControlClient(address: string): ControlClient {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  const call = <T>(method: string, path: string, body?: string, headers = {}): Promise<T> =>
    new Promise((resolve, reject) => {
      const sent = request({ socketPath: address, agent, method, path, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          try {
            const answer: unknown = JSON.parse(Buffer.concat(chunks).toString());
            if (response.statusCode === 200) resolve(answer as T);
            else reject(errorOf(answer as ErrorBody, Number(response.headers['retry-after'] ?? 1)));
          } catch (error) {
            reject(new Error('the server answered with something else than JSON', { cause: error }));
          }
        });
      });
      sent.on('error', (error: NodeJS.ErrnoException) => {
        reject(
          error.code === 'ENOENT' || error.code === 'ECONNREFUSED' ? new NotRunningError(undefined, error) : error,
        );
      });
      sent.end(body);
    });
  return {
    get: (path) => call('GET', path),
    post: (path, body, headers) => call('POST', path, body, headers),
    async accept(delivery) {
      await call('POST', '/deliveries', `${JSON.stringify(delivery)}\n`);
    },
    close: () => agent.destroy(),
  };
}

function errorOf(body: ErrorBody, retryAfterSeconds: number): Error {
  const error = new ControlError(body);
  if (error.code === 'stream_full') return new StreamFullError('deliveries', 0, retryAfterSeconds);
  if (error.code === 'stream_unavailable') return new StreamUnavailableError('deliveries', retryAfterSeconds, error);
  return error;
}
