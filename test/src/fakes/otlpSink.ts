import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { countSpans } from './countSpans.ts';

/** What the sink does with one request. */
export type SinkReply =
  /** 200 (or another 2xx) with an empty success in the sender's encoding. */
  | { readonly kind: 'accept'; readonly status?: number; readonly delayMillis?: number }
  /** A status with a text; the sink did not take the spans. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfter?: string;
      readonly text?: string;
      readonly delayMillis?: number;
    }
  /** 200 with a partial success; the sink takes all but so many. */
  | { readonly kind: 'partial'; readonly rejected: number; readonly message: string }
  | { readonly kind: 'redirect'; readonly status?: number; readonly location: string }
  /** Reads the request and never answers. */
  | { readonly kind: 'hang' }
  /** Closes the connection without a byte. */
  | { readonly kind: 'disconnect' }
  /** Closes after the headers and half of the body of a 200. */
  | { readonly kind: 'closeMidBody' }
  /** 200 with a page instead of an OTLP answer. */
  | { readonly kind: 'nonsense' }
  /** 200 with a body of so many bytes. */
  | { readonly kind: 'large'; readonly bytes: number }
  /** Bytes that are no HTTP. */
  | { readonly kind: 'garbage' };

export interface SinkRequest {
  /** 1 for the first that this sink got. */
  readonly number: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly encoding: 'json' | 'protobuf';
  /** As it came over the wire, in bytes. */
  readonly wireBytes: number;
  /** After decompression. */
  readonly body: Buffer;
  /** The parsed document, of JSON only. */
  readonly document?: unknown;
  readonly spans: number;
}

export interface SinkOptions {
  /** 0, or absent, lets the system choose. */
  readonly port?: number;
  /** Decides on every request; accepts everything unless given. */
  readonly script?: (request: SinkRequest) => SinkReply | Promise<SinkReply>;
  /** Called with every request that the sink takes, before it answers. */
  readonly onAccepted?: (request: SinkRequest) => void;
}

export interface SinkStats {
  readonly requests: number;
  /** Requests that were taken. */
  readonly accepted: number;
  /** In requests that were taken, without what a partial success rejected. */
  readonly spans: number;
  readonly wireBytes: number;
  readonly bodyBytes: number;
  /** Connections ever opened. */
  readonly connections: number;
}

export interface OtlpSink {
  /** Without a path, e.g. `http://127.0.0.1:4318`. */
  readonly url: string;
  readonly port: number;
  /** Replaces the script from the next request on. */
  answer(script: SinkReply | ((request: SinkRequest) => SinkReply | Promise<SinkReply>)): void;
  stats(): SinkStats;
  /** Closes all connections. */
  close(): Promise<void>;
}

const ACCEPT: SinkReply = { kind: 'accept' };
const unzip = promisify(gunzip);

/** An OTLP/HTTP backend on 127.0.0.1 that behaves as it is told, well or badly. Takes any path. */
export async function startOtlpSink(options: SinkOptions = {}): Promise<OtlpSink> {
  let script = options.script ?? (() => ACCEPT);
  const stats = { requests: 0, accepted: 0, spans: 0, wireBytes: 0, bodyBytes: 0, connections: 0 };

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const wire = Buffer.concat(chunks);
    stats.requests += 1;
    stats.wireBytes += wire.length;
    const request = await readRequest(incoming, wire, stats.requests);
    stats.bodyBytes += request.body.length;
    const reply = await script(request);
    if (reply.kind === 'accept' || reply.kind === 'partial' || reply.kind === 'nonsense' || reply.kind === 'large') {
      stats.accepted += 1;
      stats.spans += request.spans - (reply.kind === 'partial' ? reply.rejected : 0);
      options.onAccepted?.(request);
    }
    if ('delayMillis' in reply && reply.delayMillis !== undefined && reply.delayMillis > 0) {
      await new Promise((resolve) => setTimeout(resolve, reply.delayMillis));
    }
    send(response, reply, request.encoding);
  };

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) => {
      // Also what a sender learns that talks nonsense: the sink is as strict as a backend.
      if (!response.headersSent) response.writeHead(400, { 'content-type': 'text/plain' });
      response.end(error instanceof Error ? error.message : 'bad request');
    });
  });
  server.keepAliveTimeout = 60_000;
  server.on('connection', () => {
    stats.connections += 1;
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    answer(next) {
      script = typeof next === 'function' ? next : () => next;
    },
    stats: () => ({ ...stats }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readRequest(incoming: IncomingMessage, wire: Buffer, number: number): Promise<SinkRequest> {
  const body = incoming.headers['content-encoding'] === 'gzip' ? await unzip(wire) : wire;
  const type = incoming.headers['content-type'] ?? '';
  const common = { number, path: incoming.url ?? '/', headers: incoming.headers, wireBytes: wire.length, body };
  if (type.startsWith('application/json')) {
    const document: unknown = JSON.parse(body.toString());
    return { ...common, encoding: 'json', document, spans: countSpans(document) };
  }
  if (type.startsWith('application/x-protobuf')) return { ...common, encoding: 'protobuf', spans: countSpans(body) };
  throw new Error('content-type must be application/json or application/x-protobuf');
}

function send(response: ServerResponse, reply: SinkReply, encoding: 'json' | 'protobuf'): void {
  const success = (status: number, json: string, protobuf: Buffer) => {
    const body = encoding === 'json' ? Buffer.from(json) : protobuf;
    const type = encoding === 'json' ? 'application/json' : 'application/x-protobuf';
    response.writeHead(status, { 'content-type': type, 'content-length': body.length });
    response.end(body);
  };
  switch (reply.kind) {
    case 'accept':
      success(reply.status ?? 200, '{}', Buffer.alloc(0));
      return;
    case 'partial': {
      const partialSuccess = { rejectedSpans: `${reply.rejected}`, errorMessage: reply.message };
      success(200, JSON.stringify({ partialSuccess }), partialProtobuf(reply.rejected, reply.message));
      return;
    }
    case 'status':
      response.writeHead(reply.status, {
        'content-type': 'text/plain',
        ...(reply.retryAfter === undefined ? {} : { 'retry-after': reply.retryAfter }),
      });
      response.end(reply.text ?? '');
      return;
    case 'redirect':
      response.writeHead(reply.status ?? 307, { location: reply.location });
      response.end();
      return;
    case 'hang':
      return;
    case 'disconnect':
      response.socket?.destroy();
      return;
    case 'closeMidBody':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
      response.write('{"partialSuccess":', () => response.socket?.destroy());
      return;
    case 'nonsense':
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<!doctype html><title>Welcome</title>');
      return;
    case 'large':
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(Buffer.alloc(reply.bytes, ' '));
      return;
    case 'garbage':
      response.socket?.end('\u0000\u0000\u0012\u0004 not the protocol you are looking for\r\n\r\n');
  }
}

/** `ExportTraceServiceResponse { partial_success { rejected_spans, error_message } }`. */
function partialProtobuf(rejected: number, message: string): Buffer {
  const text = Buffer.from(message);
  const inner = Buffer.concat([
    Buffer.from([0x08, ...varint(rejected)]),
    Buffer.from([0x12, ...varint(text.length)]),
    text,
  ]);
  return Buffer.concat([Buffer.from([0x0a, ...varint(inner.length)]), inner]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return [...bytes, rest];
}
