import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadEvents, loadOtlp, RECORDED_SIGNING } from '../recordings/index.ts';
import { createHttpSend } from './httpSend.ts';
import { type ObjectStoreTarget, sendAsObjectStore, sendAsOtlp, sendAsTelemetry } from './senders.ts';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

describe('senders', () => {
  let seen: Seen[];
  let answers: (number | 'hang up')[];
  let baseUrl: string;
  let slept: number[];
  let closeAll: () => Promise<void>;
  let http: ReturnType<typeof createHttpSend>;
  const sleep = async (ms: number) => slept.push(ms);
  const events = loadEvents('story').slice(0, 30);

  beforeEach(async () => {
    [seen, answers, slept] = [[], [], []];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method, url, headers } = request;
        seen.push({ method, url, headers, body: Buffer.concat(chunks) });
        const answer = answers.shift() ?? 200;
        if (answer === 'hang up') request.socket.destroy();
        else response.writeHead(answer).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    http = createHttpSend();
    closeAll = async () => {
      http.close();
      await new Promise((resolve) => server.close(resolve));
    };
  });
  afterEach(() => closeAll());

  const store = (): ObjectStoreTarget => ({
    baseUrl,
    send: http.send,
    sleep,
    bucket: 'gateway-logs',
    prefix: 'aisix/prod',
    ...RECORDED_SIGNING,
    now: () => Date.parse('2026-11-23T06:30:27Z'),
  });

  it('uploads like the object_store exporter, to a percent-encoded path', async () => {
    expect(await sendAsObjectStore(events, store())).toMatchObject({ acked: true, tries: 1 });
    const [upload] = seen;
    expect(upload?.method).toBe('PUT');
    expect(upload?.url).toMatch(/^\/gateway-logs\/aisix\/prod\/dt%3D2026-11-23\/hh%3D06\/[0-9a-f]{32}\.ndjson\.gz$/);
    expect(upload?.headers['x-amz-date']).toBe('20261123T063027Z');
    expect(upload?.headers.authorization).toContain('SignedHeaders=host;x-amz-content-sha256;x-amz-date');
    expect(upload?.headers).not.toHaveProperty('content-type');
    const lines = gunzipSync(upload?.body ?? Buffer.alloc(0))
      .toString('utf8')
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line).request_id)).toEqual(events.map((event) => event.request_id));
  });

  it('tries four times again, 200 ms doubling, with the same object', async () => {
    answers = [503, 'hang up', 429, 500, 200];
    expect(await sendAsObjectStore(events, store())).toMatchObject({ acked: true, tries: 5 });
    expect(slept).toEqual([200, 400, 800, 1600]);
    expect(new Set(seen.map(({ url, body }) => `${url} ${body.toString('hex')}`)).size).toBe(1);
  });

  it('gives up after the fourth retry, and at once on what will not pass', async () => {
    answers = [503, 503, 503, 503, 503];
    expect(
      await sendAsOtlp(loadOtlp('story')[0]?.body ?? { resourceSpans: [] }, { baseUrl, send: http.send, sleep }),
    ).toMatchObject({ acked: false, tries: 5, reply: { status: 503 } });
    answers = [403];
    expect(await sendAsObjectStore(events, store())).toMatchObject({ acked: false, tries: 1, reply: { status: 403 } });
  });

  it('never tries telemetry again', async () => {
    answers = ['hang up'];
    const target = { baseUrl, send: http.send, sleep, token: 't', environment: 'prod' };
    expect(await sendAsTelemetry(events, target)).toEqual({ acked: false, tries: 1 });
    expect(await sendAsTelemetry(events, target)).toMatchObject({ acked: true });
    expect(seen[1]?.headers).toMatchObject({ authorization: 'Bearer t', 'x-aisix-environment': 'prod' });
    expect(JSON.parse(seen[1]?.body.toString('utf8') ?? '')).toEqual({ events });
  });
});
