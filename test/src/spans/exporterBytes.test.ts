import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSpanOptions, createSpanSerializer, requestSpans } from '@aisix-observability/collector-exporter';
import type { GatewayRequest } from '@aisix-observability/evidence';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewayRequest } from '../arbitrary/gatewayRequest.ts';
import { assembledRecording, inBatches } from './assembledRecording.ts';

interface Caught {
  readonly contentType: string | undefined;
  readonly body: Buffer;
}

describe.each([
  ['http/json', JsonExporter, 'application/json'],
  ['http/protobuf', ProtobufExporter, 'application/x-protobuf'],
] as const)('%s', (protocol, Exporter, contentType) => {
  let backend: Server;
  let exporter: SpanExporter;
  let caught: Caught[] = [];
  const serialize = createSpanSerializer(protocol);

  beforeAll(async () => {
    backend = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      caught.push({ contentType: request.headers['content-type'], body: Buffer.concat(chunks) });
      response.writeHead(200, { 'content-type': contentType }).end(protocol === 'http/json' ? '{}' : '');
    });
    backend.listen(0, '127.0.0.1');
    await once(backend, 'listening');
    const { port } = backend.address() as AddressInfo;
    exporter = new Exporter({ url: `http://127.0.0.1:${port}/v1/traces` });
  });

  afterAll(async () => {
    await exporter.shutdown();
    backend.close();
  });

  /** What OpenTelemetry's exporter puts on the wire for these spans. */
  async function sentByExporter(spans: ReadableSpan[]): Promise<Caught> {
    caught = [];
    const result = await new Promise<ExportResult>((resolve) => exporter.export(spans, resolve));
    expect(result).toEqual({ code: ExportResultCode.SUCCESS });
    const [only] = caught;
    if (only === undefined || caught.length !== 1) throw new Error(`${caught.length} requests instead of one`);
    return only;
  }

  async function expectSameBytes(requests: readonly GatewayRequest[], options = createSpanOptions()): Promise<void> {
    const spans = requests.flatMap((request) => requestSpans(request, options));
    const ours = Buffer.from(serialize(spans));
    const theirs = await sentByExporter(spans);
    expect(theirs.contentType).toBe(contentType);
    // Texts first, since they show where a difference is.
    if (protocol === 'http/json') expect(ours.toString()).toBe(theirs.body.toString());
    expect(Buffer.compare(ours, theirs.body)).toBe(0);
  }

  it('is byte for byte what OpenTelemetry’s exporter sends for the recorded requests', async () => {
    for (const batch of inBatches(assembledRecording('suite', ['usage', 'span']))) await expectSameBytes(batch);
  });

  it('is so for requests of several environments in one batch, and for links and trace state', async () => {
    const requests = fc.sample(gatewayRequest, { seed: 7, numRuns: 150 });
    await expectSameBytes(requests);
    await expectSameBytes(requests, createSpanOptions({ traceId: 'fresh', legacyGenAi: true }));
  });
});
