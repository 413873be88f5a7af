import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  contentTypeOf,
  createRequestPreparer,
  createSpanSerializer,
  type DestinationSpanConfig,
} from '@aisix-observability/collector-exporter';
import {
  type Cursors,
  createDestination,
  createSetAsideFiles,
  type Destination,
  destinationCursor,
  type Endpoint,
  type Log,
  type Recorder,
  type Stream,
} from '@aisix-observability/pipeline';
import { SpanKind } from '@opentelemetry/api';
import { hrTimeToMilliseconds } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Config, DestinationConfig } from '../config/config.ts';
import { EXPORTER_USER_AGENT } from '../telemetry/resource.ts';
import type { Freshness } from './freshness.ts';

export interface DestinationsOptions {
  readonly config: Config;
  readonly dataDir: string;
  /** Requests. */
  readonly stream: Stream;
  readonly cursors: Cursors;
  readonly recorder: Recorder;
  readonly log: Log;
  readonly freshness: Freshness;
}

export interface OpenDestination {
  readonly destination: Destination;
  /** Where it stands in the stream. */
  readonly cursorName: string;
}

/**
 * One destination of the pipeline for each configured one: requests become spans by its own filter, sampling and
 * redaction.
 *
 * @throws DestinationOptionsError or RangeError on settings that cannot work, `ENOENT` on a missing TLS file.
 */
export function openDestinations(options: DestinationsOptions): OpenDestination[] {
  const setAside = createSetAsideFiles({
    directory: join(options.dataDir, 'set-aside'),
    recorder: options.recorder,
    log: options.log,
  });
  return options.config.destinations.map((settings) => {
    const prepare = createRequestPreparer(spanConfig(settings, options.config));
    const destination = createDestination<ReadableSpan>({
      name: settings.name,
      stream: options.stream,
      cursors: options.cursors,
      prepare: ({ payload }) => prepare(payload),
      serialize: createSpanSerializer(settings.protocol),
      onDelivered: (spans) => options.freshness.delivered(settings.name, endsOfRequests(spans)),
      endpoint: endpointOf(settings),
      setAside,
      limits: { maxBacklogBytes: settings.maxBacklogBytes },
      recorder: options.recorder,
      log: options.log,
    });
    return { destination, cursorName: destinationCursor(settings.name) };
  });
}

/** Ends of the requests among spans: each has one SERVER span. */
function endsOfRequests(spans: readonly ReadableSpan[]): number[] {
  return spans.filter(({ kind }) => kind === SpanKind.SERVER).map(({ endTime }) => hrTimeToMilliseconds(endTime));
}

function spanConfig(settings: DestinationConfig, config: Config): DestinationSpanConfig {
  const { 'service.name': serviceName, ...attributes } = settings.resourceAttributes;
  return {
    traceId: settings.traceId,
    legacyGenAi: settings.legacyGenai,
    resource: {
      ...(serviceName !== undefined && { serviceName }),
      environmentNames: new Map(config.environments.map(({ id, name }) => [id, name])),
      attributes,
    },
    redaction: {
      ...settings.redaction,
      ...('key' in config.redaction && { key: config.redaction.key }),
    },
    filter: settings.filter,
    sampling: settings.sampling,
  };
}

function endpointOf(settings: DestinationConfig): Endpoint {
  const { tls } = settings;
  return {
    url: settings.url,
    headers: settings.headers,
    contentType: contentTypeOf(settings.protocol),
    compression: settings.compression,
    timeoutMillis: settings.timeoutMillis,
    userAgent: EXPORTER_USER_AGENT,
    ...(tls !== undefined && {
      tls: {
        ...(tls.caFile !== undefined && { ca: readFileSync(tls.caFile, 'utf8') }),
        ...(tls.certFile !== undefined && { cert: readFileSync(tls.certFile, 'utf8') }),
        ...(tls.keyFile !== undefined && { key: readFileSync(tls.keyFile, 'utf8') }),
      },
    }),
  };
}
