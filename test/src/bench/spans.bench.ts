/**
 * What a span costs: built, serialised, sent; and OpenTelemetry's own way (Tracer, BatchSpanProcessor, exporter) beside
 * it. `node test/src/bench/spans.bench.ts [--seconds 5] [--only build]`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  contentTypeOf,
  createRequestPreparer,
  createSpanOptions,
  createSpanSerializer,
  requestSpans,
  type SpanProtocol,
} from '@aisix-observability/collector-exporter';
import type { GatewayRequest } from '@aisix-observability/evidence';
import { createDestination, openStreamFile } from '@aisix-observability/pipeline';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import { startOtlpSinkProcess } from '../fakes/otlpSinkProcess.ts';
import { assembledRecording } from '../spans/assembledRecording.ts';
import { report, thousands } from './result.ts';

const { values: args } = parseArgs({
  options: { seconds: { type: 'string', default: '5' }, only: { type: 'string', default: '' } },
});
const SECONDS = Number(args.seconds);
const PROTOCOLS: readonly SpanProtocol[] = ['http/json', 'http/protobuf'];
/** The default of every SDK, and of delivery. */
const BATCH = 512;
/** The default queue of BatchSpanProcessor: what comes beyond it is dropped. */
const SDK_QUEUE = 2048;
/** Requests a second that no run gets through, so that the stream is never empty. */
const MORE_THAN_IS_SENT = 40_000;
const BACKEND_DELAYS_MILLIS = [0, 100];
/** Beside OpenTelemetry's own way in the same run. */
const GOAL_TIMES = 2;
const GOAL_FAR_PER_SECOND = 10_000;

interface Measured {
  readonly spans: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly note?: string;
}

function print(what: string, { spans, seconds, cpuSeconds, note = '' }: Measured): void {
  const rate = Math.round(spans / seconds).toLocaleString('en');
  const cost = ((cpuSeconds / spans) * 1e6).toFixed(2);
  process.stdout.write(`${what.padEnd(58)} ${rate.padStart(9)} spans/s  ${cost.padStart(7)} µs CPU/span  ${note}\n`);
}

/** Runs `round` again and again; it returns how many spans it did. */
function measure(round: () => number): Measured {
  for (const until = performance.now() + 1_000; performance.now() < until; ) round();
  const cpu = process.cpuUsage();
  const start = performance.now();
  let spans = 0;
  while (performance.now() - start < SECONDS * 1000) spans += round();
  return { spans, seconds: (performance.now() - start) / 1000, cpuSeconds: cpuSince(cpu) };
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function benchBuild(requests: readonly GatewayRequest[], payloads: readonly string[]): void {
  const options = createSpanOptions();
  const prepare = createRequestPreparer({});
  print(
    'build: requestSpans',
    measure(() => requests.reduce((sum, request) => sum + requestSpans(request, options).length, 0)),
  );
  print(
    'parse and build: createRequestPreparer',
    measure(() =>
      payloads.reduce((sum, payload) => {
        const prepared = prepare(payload);
        return sum + ('items' in prepared ? prepared.items.length : 0);
      }, 0),
    ),
  );
}

function benchSerialize(spans: readonly ReadableSpan[]): void {
  const batches: ReadableSpan[][] = [];
  for (let from = 0; from < spans.length; from += BATCH) batches.push(spans.slice(from, from + BATCH));
  for (const protocol of PROTOCOLS) {
    const serialize = createSpanSerializer(protocol);
    let bytes = 0;
    const measured = measure(() => {
      bytes = 0;
      for (const batch of batches) bytes += serialize(batch).length;
      return spans.length;
    });
    print(`serialise: ${protocol}`, { ...measured, note: `${Math.round(bytes / spans.length)} B/span` });
  }
}

/** From the durable stream to a backend: read, parse, build, serialise, send, move the cursor. */
async function benchDestination(
  payloads: readonly string[],
  protocol: SpanProtocol,
  delayMillis: number,
): Promise<Measured> {
  const directory = mkdtempSync(join(tmpdir(), 'spans-bench-'));
  const sink = await startOtlpSinkProcess({ answer: { kind: 'accept', delayMillis } });
  const file = openStreamFile(join(directory, 'requests.db'));
  try {
    const stream = file.stream('requests');
    const prepare = createRequestPreparer({});
    const at = Date.now();
    const rounds = Math.ceil((SECONDS * MORE_THAN_IS_SENT) / payloads.length);
    for (let round = 0; round < rounds; round++) {
      for (let from = 0; from < payloads.length; from += 1000) {
        await stream.append(payloads.slice(from, from + 1000).map((payload) => ({ payload, at })));
      }
    }
    const cpu = process.cpuUsage();
    const start = performance.now();
    const destination = createDestination<ReadableSpan>({
      name: 'bench',
      stream,
      cursors: file.cursors,
      prepare: ({ payload }) => prepare(payload),
      serialize: createSpanSerializer(protocol),
      endpoint: {
        url: `${sink.url}/v1/traces`,
        headers: {},
        contentType: contentTypeOf(protocol),
        compression: 'none',
        timeoutMillis: 10_000,
        userAgent: 'bench',
      },
      setAside: { keep: async () => {} },
    });
    await sleep(SECONDS * 1000);
    const { spans } = await sink.stats();
    const measured = { spans, seconds: (performance.now() - start) / 1000, cpuSeconds: cpuSince(cpu) };
    print(`stream to backend: ${protocol}, ${delayMillis} ms away`, measured);
    await destination.close(1_000);
    return measured;
  } finally {
    await file.close();
    await sink.stop();
    rmSync(directory, { recursive: true });
  }
}

/**
 * The same spans through a Tracer, as an instrumentation would make them. Their attributes are ready made, so neither
 * parsing nor mapping is in it; fed as fast as the queue empties, since what comes faster is dropped.
 */
async function benchSdk(
  spans: readonly ReadableSpan[],
  protocol: SpanProtocol,
  delayMillis: number,
): Promise<Measured> {
  const sink = await startOtlpSinkProcess({ answer: { kind: 'accept', delayMillis } });
  const url = `${sink.url}/v1/traces`;
  const exporter = protocol === 'http/json' ? new JsonExporter({ url }) : new ProtobufExporter({ url });
  let exported = 0;
  const counting: SpanExporter = {
    export: (batch, done) =>
      exporter.export(batch, (result) => {
        exported += batch.length;
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
  const processor = new BatchSpanProcessor({ exporter: counting, maxQueueSize: SDK_QUEUE, maxExportBatchSize: BATCH });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'aisix-gateway' }),
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer('bench');
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (let ended = 0; performance.now() - start < SECONDS * 1000; ) {
    for (; ended - exported < SDK_QUEUE; ended++) {
      const model = spans[ended % spans.length] as ReadableSpan;
      const parent = model.parentSpanContext;
      const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
      const span = tracer.startSpan(model.name, { kind: model.kind, startTime: model.startTime }, context);
      span.setAttributes(model.attributes);
      if (model.status.code !== 0) span.setStatus(model.status);
      span.end(model.endTime);
    }
    await nextTurn();
  }
  const { spans: arrived } = await sink.stats();
  const measured = { spans: arrived, seconds: (performance.now() - start) / 1000, cpuSeconds: cpuSince(cpu) };
  // Waiting for the queue spins here, so only the rate means something where the backend is slow.
  print(`Tracer + BatchSpanProcessor: ${protocol}, ${delayMillis} ms away`, measured);
  await provider.shutdown();
  await sink.stop();
  return measured;
}

function compare(protocol: SpanProtocol, delayMillis: number, ours: Measured, sdk: Measured): void {
  const rate = ({ spans, seconds }: Measured) => spans / seconds;
  const perCore = ({ spans, cpuSeconds }: Measured) => spans / cpuSeconds;
  const times = rate(ours) / rate(sdk);
  const far = delayMillis > 0;
  report({
    what: `exported, ${protocol}, backend ${delayMillis} ms away`,
    measured:
      `${thousands(rate(ours))} spans/s (${thousands(perCore(ours))} per core), BatchSpanProcessor ${thousands(rate(sdk))}` +
      `${far ? '' : ` (${thousands(perCore(sdk))} per core)`}: ${times.toFixed(2)}×`,
    goal: far ? '≥ 2×, ≥ 10,000 spans/s' : '≥ 2×',
    met: times >= GOAL_TIMES && (!far || rate(ours) >= GOAL_FAR_PER_SECOND),
  });
}

const requests = assembledRecording('story', ['usage', 'span']);
const payloads = requests.map((request) => JSON.stringify(request));
const options = createSpanOptions();
const spans = requests.flatMap((request) => requestSpans(request, options));
const attributes = spans.reduce((sum, span) => sum + Object.keys(span.attributes).length, 0);
process.stdout.write(
  `${requests.length} recorded requests, ${spans.length} spans, ${(attributes / spans.length).toFixed(1)} attributes each, ` +
    `${Math.round(payloads.reduce((sum, payload) => sum + payload.length, 0) / payloads.length)} B of JSON a request\n`,
);
const wanted = (part: string): boolean => args.only === '' || args.only === part;
if (wanted('build')) benchBuild(requests, payloads);
if (wanted('serialise')) benchSerialize(spans);
for (const delayMillis of BACKEND_DELAYS_MILLIS) {
  for (const protocol of PROTOCOLS) {
    if (!wanted('send')) continue;
    const ours = await benchDestination(payloads, protocol, delayMillis);
    compare(protocol, delayMillis, ours, await benchSdk(spans, protocol, delayMillis));
  }
}
