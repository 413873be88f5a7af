import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { UsageEvent } from '../recordings/index.ts';
import { spawnLoad } from './spawnLoad.ts';

describe('the load process', () => {
  const ids = new Set<string>();
  let events = 0;
  let every = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const parsed =
        request.method === 'PUT'
          ? gunzipSync(body)
              .toString('utf8')
              .trimEnd()
              .split('\n')
              .map((line) => JSON.parse(line) as UsageEvent)
          : (JSON.parse(body.toString('utf8')) as { events: UsageEvent[] }).events;
      events += parsed.length;
      for (const event of parsed)
        ids.add(`${event.request_id} ${event.attempt_index} ${event.attempt_kind} ${event.status_code}`);
      every += 1;
      response.writeHead(every % 10 === 0 ? 503 : 200).end('{}');
    });
  });
  let url: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    ids.clear();
    [events, every] = [0, 0];
  });

  it('paces a load and reports what was acknowledged', async () => {
    const report = await spawnLoad({ url, seconds: 2, connections: 2, rate: 2_000, token: 't' });
    expect(events).toBe(4_000);
    expect(ids.size).toBe(events);
    expect(report.requests).toBe(40);
    expect(report.ackedEvents).toBe(3_600);
    expect(report.failures).toEqual({ 503: 4 });
    expect(report.p99).toBeGreaterThanOrEqual(report.p50);
    expect(report.p50).toBeGreaterThan(0);
  });

  it('sends signed uploads until the prebuilt ones are used up', async () => {
    const report = await spawnLoad({ url, input: 'object_store', seconds: 20, connections: 2, prebuilt: 20 });
    expect(report.requests).toBe(20);
    expect(events).toBe(2_000);
    expect(ids.size).toBe(events);
    expect(report.seconds).toBeLessThan(10);
  });
});
