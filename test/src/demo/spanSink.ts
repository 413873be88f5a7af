import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { type ReceivedSpan, receivedSpans } from './receivedSpan.ts';

export interface SpanSink {
  /** Base URL for a destination's endpoint. */
  readonly url: string;
  close(): Promise<void>;
}

/** The demo's own backend is nobody's target, but a body without end would still fill the memory. */
const MAX_BODY_BYTES = 64 << 20;

/** An OpenTelemetry backend in this process: takes `POST /v1/traces` in http/json and hands the spans over. */
export async function startSpanSink(onSpans: (spans: readonly ReceivedSpan[]) => void): Promise<SpanSink> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    });
    request.on('end', () => {
      const answer = (status: number) => response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
      if (request.method !== 'POST' || request.url !== '/v1/traces') return answer(404);
      if (size > MAX_BODY_BYTES) return answer(413);
      try {
        const body = Buffer.concat(chunks);
        const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
        onSpans(receivedSpans(JSON.parse(text.toString('utf8'))));
      } catch {
        return answer(400);
      }
      return answer(200);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
