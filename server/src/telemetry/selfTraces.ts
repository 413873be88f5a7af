import type { Tracer } from '@opentelemetry/api';
import type { SelfTelemetryConfig } from '../config/config.ts';
import { SELF_RESOURCE, SERVICE_NAME, VERSION } from './resource.ts';
import { withoutOtelVariables } from './withoutOtelVariables.ts';

/** The server's own traces. */
export interface SelfTraces {
  readonly tracer: Tracer;
  /** Sends what is left and stops. */
  close(): Promise<void>;
}

/** The server's own spans wait this long at most; nobody watches them live. */
const SCHEDULE_MILLIS = 5000;
const EXPORT_TIMEOUT_MILLIS = 10_000;
/** Beyond it new spans are dropped by the SDK: own traces are the first thing to give up under load. */
const QUEUE_SPANS = 2048;

/**
 * Starts OpenTelemetry's SDK for the server's own traces, or does nothing when no endpoint is configured. The SDK is
 * loaded only then: it brings every exporter along.
 */
export async function startSelfTraces({ endpoint, headers }: SelfTelemetryConfig): Promise<SelfTraces | undefined> {
  if (endpoint === '') return undefined;
  const [
    { trace },
    { OTLPTraceExporter },
    { resourceFromAttributes },
    { NodeSDK },
    { BatchSpanProcessor, ParentBasedSampler, AlwaysOnSampler },
  ] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/sdk-trace'),
  ]);
  const sdk = withoutOtelVariables(() => {
    const exporter = new OTLPTraceExporter({
      url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
      headers: { ...headers },
      timeoutMillis: EXPORT_TIMEOUT_MILLIS,
    });
    const built = new NodeSDK({
      resource: resourceFromAttributes(SELF_RESOURCE),
      autoDetectResources: false,
      sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
      spanProcessors: [
        new BatchSpanProcessor({
          exporter,
          scheduledDelayMillis: SCHEDULE_MILLIS,
          exportTimeoutMillis: EXPORT_TIMEOUT_MILLIS,
          maxQueueSize: QUEUE_SPANS,
        }),
      ],
      metricReaders: [],
      logRecordProcessors: [],
      instrumentations: [],
    });
    built.start();
    return built;
  });
  return {
    tracer: trace.getTracer(SERVICE_NAME, VERSION),
    async close() {
      await sdk.shutdown();
      // A second server in this process (tests, the demo) registers its own.
      trace.disable();
    },
  };
}
