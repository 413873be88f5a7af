import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpTransport, type HttpTransportOptions } from './httpTransport.ts';
import type { Transport } from './transport.ts';

const open: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function listen(server: Server): Promise<URL> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => new Promise((resolve) => server.close(() => resolve())));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`);
}

async function withServer(listener: RequestListener): Promise<{ url: URL; connections: () => number }> {
  const server = createServer(listener);
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  const url = await listen(server);
  open.unshift(() => server.closeAllConnections());
  return { url, connections: () => connections };
}

function transportTo(url: URL, options: Partial<HttpTransportOptions> = {}): Transport {
  const transport = createHttpTransport({
    url,
    headers: { 'content-type': 'application/json', authorization: 'Bearer t' },
    timeoutMillis: 5_000,
    responseBytes: 1_000,
    sockets: 4,
    ...options,
  });
  open.unshift(() => transport.close());
  return transport;
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const body = Buffer.from('{"resourceSpans":[]}');
const never = new AbortController().signal;

describe('a request', () => {
  it('is a POST with Content-Length and the given headers, over connections that are kept', async () => {
    const seen: {
      method: string | undefined;
      headers: IncomingMessage['headers'];
      body: string;
      url: string | undefined;
    }[] = [];
    const { url, connections } = await withServer(async (request, response) => {
      const { method, headers } = request;
      seen.push({ method, headers, body: (await read(request)).toString(), url: request.url });
      response.writeHead(200, { 'content-type': 'application/json', 'retry-after': '3' }).end('{}');
    });
    const transport = transportTo(url);
    for (let round = 0; round < 20; round += 1) {
      expect(await transport.send(body, never)).toEqual({
        kind: 'answered',
        status: 200,
        contentType: 'application/json',
        retryAfter: '3',
        body: Buffer.from('{}'),
      });
    }
    expect(connections()).toBe(1);
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/v1/traces', body: body.toString() });
    expect(seen[0]?.headers).toMatchObject({
      'content-length': `${body.length}`,
      'content-type': 'application/json',
      authorization: 'Bearer t',
    });
    expect(seen[0]?.headers['transfer-encoding']).toBeUndefined();
  });

  it('does not follow a redirect', async () => {
    let elsewhere = 0;
    const other = await withServer((_request, response) => {
      elsewhere += 1;
      response.end();
    });
    const { url } = await withServer((_request, response) => {
      response.writeHead(307, { location: other.url.href }).end();
    });
    expect(await transportTo(url).send(body, never)).toMatchObject({ status: 307, location: other.url.href });
    expect(elsewhere).toBe(0);
  });

  it('reads no more of an answer than it may', async () => {
    const { url } = await withServer((_request, response) => response.end(Buffer.alloc(1_001, 'x')));
    expect(await transportTo(url).send(body, never)).toMatchObject({ kind: 'answered', status: 200, body: undefined });
    const exact = await withServer((_request, response) => response.end(Buffer.alloc(1_000, 'x')));
    const answer = await transportTo(exact.url).send(body, never);
    expect(answer.kind === 'answered' && answer.body?.length).toBe(1_000);
  });
});

describe('a request that fails', () => {
  it('nobody listens', async () => {
    const server = createTcpServer();
    const url = await listen(server);
    await open.pop()?.();
    expect(await transportTo(url).send(body, never)).toEqual({
      kind: 'failed',
      reason: 'unreachable',
      code: 'ECONNREFUSED',
    });
  });

  it('no answer in time, before or in the middle of it', async () => {
    const { url } = await withServer(() => {});
    const started = Date.now();
    const transport = transportTo(url, { timeoutMillis: 60 });
    expect(await transport.send(body, never)).toEqual({ kind: 'failed', reason: 'timeout', code: 'ETIMEDOUT' });
    const slow = await withServer((_request, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('12345');
    });
    expect(await transportTo(slow.url, { timeoutMillis: 60 }).send(body, never)).toMatchObject({ reason: 'timeout' });
    expect(Date.now() - started).toBeLessThan(2_000);
  });

  it('the connection closes without an answer, or in the middle of one', async () => {
    const { url } = await withServer((request) => request.socket.destroy());
    expect(await transportTo(url).send(body, never)).toEqual({
      kind: 'failed',
      reason: 'disconnected',
      code: 'ECONNRESET',
    });
    const half = await withServer((_request, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('12345', () => response.socket?.destroy());
    });
    expect(await transportTo(half.url).send(body, never)).toMatchObject({ kind: 'failed', reason: 'disconnected' });
  });

  it('the answer is no HTTP', async () => {
    const server = createTcpServer((socket) => socket.resume().end('\u0000\u0000\u0006 not http\r\n\r\n'));
    const url = await listen(server);
    const answer = await transportTo(url).send(body, never);
    expect(answer).toMatchObject({ kind: 'failed', reason: 'disconnected' });
  });

  it('a refusal while the body is still being written counts with its status', async () => {
    const { url } = await withServer((request, response) => {
      response.writeHead(413, { connection: 'close', 'content-length': 1_000 });
      response.write('no', () => request.socket.destroy());
    });
    expect(await transportTo(url).send(Buffer.alloc(8 * 1024 * 1024), never)).toMatchObject({
      kind: 'answered',
      status: 413,
    });
  });

  it('called off, before and during', async () => {
    const { url } = await withServer(() => {});
    const transport = transportTo(url);
    const controller = new AbortController();
    const sending = transport.send(body, controller.signal);
    setTimeout(() => controller.abort(), 20);
    expect(await sending).toEqual({ kind: 'aborted' });
    expect(await transport.send(body, controller.signal)).toEqual({ kind: 'aborted' });
  });

  it('a kept connection that the backend had closed meanwhile is no failure', async () => {
    let requests = 0;
    const { url, connections } = await withServer(async (request, response) => {
      await read(request);
      requests += 1;
      // The second request on a connection meets a closed door, as after an idle timeout.
      if (requests === 2) request.socket.resetAndDestroy();
      else response.end('{}');
    });
    const transport = transportTo(url);
    expect(await transport.send(body, never)).toMatchObject({ status: 200 });
    expect(await transport.send(body, never)).toMatchObject({ status: 200 });
    expect([requests, connections()]).toEqual([3, 2]);
  });
});
