import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogSerializer, type LogRow, logRecordsOf } from '@aisix-observability/audit-bridge';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import type { LogRecordExporter } from '@opentelemetry/sdk-logs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeOf, NOON } from '../annotations/memorySource.ts';

const ROWS: readonly LogRow[] = [
  { type: 'change', change: changeOf(), aliases: [], version: 1 },
  {
    type: 'change',
    change: changeOf({ id: 'c2', environment: 'staging', occurredAt: NOON + 0.25 }),
    aliases: ['c1'],
    version: 2,
  },
  { type: 'change', change: changeOf({ id: 'c3', result: 'failure', revision: 2249 }), aliases: [], version: 3 },
  {
    type: 'change',
    change: changeOf({ id: 'c4', environment: null, foundLate: true, conflict: true }),
    aliases: [],
    version: 4,
  },
  { type: 'head', head: { seq: 9, hash: 'cd'.repeat(32), at: NOON }, publishedAt: NOON + 1 },
];

describe.each([
  ['http/json', JsonExporter, 'application/json'],
  ['http/protobuf', ProtobufExporter, 'application/x-protobuf'],
] as const)('%s', (protocol, Exporter, contentType) => {
  let backend: Server;
  let exporter: LogRecordExporter;
  const caught: { contentType: string | undefined; body: Buffer }[] = [];

  beforeAll(async () => {
    backend = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      caught.push({ contentType: request.headers['content-type'], body: Buffer.concat(chunks) });
      response.writeHead(200, { 'content-type': contentType }).end(protocol === 'http/json' ? '{}' : '');
    });
    backend.listen(0, '127.0.0.1');
    await once(backend, 'listening');
    exporter = new Exporter({ url: `http://127.0.0.1:${(backend.address() as AddressInfo).port}/v1/logs` });
  });
  afterAll(async () => {
    await exporter.shutdown();
    backend.close();
  });

  it('is byte for byte what OpenTelemetry’s exporter sends', async () => {
    const records = ROWS.map(logRecordsOf({ actor: 'name', values: true }));
    const result = await new Promise<ExportResult>((resolve) => exporter.export(records, resolve));
    expect(result).toEqual({ code: ExportResultCode.SUCCESS });
    expect(caught).toHaveLength(1);
    const ours = Buffer.from(createLogSerializer(protocol)(records));
    expect(caught[0]?.contentType).toBe(contentType);
    if (protocol === 'http/json') {
      expect(ours.toString()).toBe(caught[0]?.body.toString());
      expect(ours.toString()).toContain('"eventName":"aisix.config.change"');
    }
    expect(Buffer.compare(ours, caught[0]?.body ?? Buffer.alloc(0))).toBe(0);
  });
});
