import type { Labels, Recorder } from '@aisix-observability/pipeline';
import type { Counter, Gauge, Histogram } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type IMetricReader,
  MeterProvider,
  MetricReader,
  PeriodicExportingMetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import type { SelfTelemetryConfig } from '../config/config.ts';
import { watchEventLoop } from './eventLoop.ts';
import { SELF_RESOURCE, SERVICE_NAME, VERSION } from './resource.ts';
import { withoutOtelVariables } from './withoutOtelVariables.ts';

export interface MetricsOptions {
  /** Series are disjoint between threads, `target_info` belongs to `main`. */
  readonly thread: 'main' | 'path' | 'store' | 'audit' | 'agent';
  /** Bucket boundaries by name of the histogram; others get {@link DEFAULT_BOUNDARIES}. */
  readonly boundaries?: Readonly<Record<string, readonly number[]>>;
  /** HELP text by name. */
  readonly help?: Readonly<Record<string, string>>;
  /** Where metrics are pushed to besides; `endpoint` empty pushes nothing. */
  readonly telemetry?: SelfTelemetryConfig;
}

/** A `Recorder` on OpenTelemetry's metrics. */
export interface Metrics {
  readonly recorder: Recorder;
  /** Prometheus text of everything recorded so far. */
  metricsText(): Promise<string>;
  /** Pushes what is left (where a push is configured) and stops. */
  close(): Promise<void>;
}

/** Seconds; from a fast fsync to a slow backend. */
export const DEFAULT_BOUNDARIES: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

/** The convention of most backends: often enough for an alert, rare enough to cost nothing. */
const PUSH_INTERVAL_MILLIS = 30_000;
const PUSH_TIMEOUT_MILLIS = 10_000;

/** Collects on demand and pushes nothing. */
class PullReader extends MetricReader {
  constructor() {
    super({ aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE });
  }
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
}

/**
 * Builds the meters of one thread. Instruments are made at their first use, so a metric exists from its first value.
 */
export function createMetrics(options: MetricsOptions): Metrics {
  const pull = new PullReader();
  const readers: IMetricReader[] = [pull];
  if (options.telemetry !== undefined && options.telemetry.endpoint !== '') readers.push(pushReader(options.telemetry));
  const provider = new MeterProvider({ resource: resourceFromAttributes(SELF_RESOURCE), readers });
  const meter = provider.getMeter(SERVICE_NAME, VERSION);
  const serializer = new PrometheusSerializer(undefined, false, undefined, options.thread !== 'main', true);

  const describe = (name: string) => ({
    description: options.help?.[name] ?? name.replaceAll(/[._]+/g, ' '),
    unit: unitOf(name),
  });
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  const recorder: Recorder = {
    count(name: string, value: number, labels?: Labels) {
      let counter = counters.get(name);
      if (counter === undefined) {
        counter = meter.createCounter(name, describe(name));
        counters.set(name, counter);
      }
      counter.add(value, labels);
    },
    gauge(name: string, value: number, labels?: Labels) {
      let gauge = gauges.get(name);
      if (gauge === undefined) {
        gauge = meter.createGauge(name, describe(name));
        gauges.set(name, gauge);
      }
      gauge.record(value, labels);
    },
    observe(name: string, value: number, labels?: Labels) {
      let histogram = histograms.get(name);
      if (histogram === undefined) {
        const boundaries = options.boundaries?.[name] ?? DEFAULT_BOUNDARIES;
        histogram = meter.createHistogram(name, {
          ...describe(name),
          advice: { explicitBucketBoundaries: [...boundaries] },
        });
        histograms.set(name, histogram);
      }
      histogram.record(value, labels);
    },
  };
  const stopWatching = watchEventLoop(recorder, options.thread);
  return {
    recorder,
    async metricsText() {
      const { resourceMetrics } = await pull.collect();
      return serializer.serialize(withUnitSuffixes(resourceMetrics));
    },
    async close() {
      stopWatching();
      await provider.shutdown();
    },
  };
}

function pushReader({ endpoint, headers }: SelfTelemetryConfig): IMetricReader {
  const exporter = withoutOtelVariables(
    () =>
      new OTLPMetricExporter({
        url: `${endpoint.replace(/\/+$/, '')}/v1/metrics`,
        headers: { ...headers },
        timeoutMillis: PUSH_TIMEOUT_MILLIS,
      }),
  );
  return new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: PUSH_INTERVAL_MILLIS,
    exportTimeoutMillis: PUSH_TIMEOUT_MILLIS,
  });
}

function unitOf(name: string): string {
  if (/_bytes$/.test(name)) return 'By';
  if (/_seconds$|[._](duration|latency|age)$|\.time_(to|per)_/.test(name)) return 's';
  if (/_callers$/.test(name)) return '{caller}';
  return /tokens$/.test(name) ? '{token}' : '';
}

/**
 * Prometheus names carry their unit (`http_server_request_duration_seconds`), as OpenTelemetry's rules for Prometheus
 * ask for; the serializer of the SDK leaves it out. UNIT lines belong to OpenMetrics, not to this format.
 */
function withUnitSuffixes(metrics: ResourceMetrics): ResourceMetrics {
  return {
    ...metrics,
    scopeMetrics: metrics.scopeMetrics.map((scope) => ({
      ...scope,
      metrics: scope.metrics.map((metric) => {
        const { name, unit } = metric.descriptor;
        const suffixed = unit === 's' && !name.endsWith('_seconds') ? `${name}_seconds` : name;
        return { ...metric, descriptor: { ...metric.descriptor, name: suffixed, unit: '' } };
      }),
    })),
  };
}
