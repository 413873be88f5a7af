import type { Recorder } from '@aisix-observability/pipeline';
import { SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { MiddlewareHandler } from 'hono';
import { API_ROUTES } from '../identity/routes.ts';

export interface ObservedOptions {
  readonly listener: 'ingest' | 'api';
  readonly recorder: Recorder;
  /** Absent: no own traces. */
  readonly tracer: Tracer | undefined;
}

/** Fixed routes; everything else on `ingest` is an object of a bucket, and its path is the caller's text. */
const ROUTES = new Set([
  '/health',
  '/ready',
  '/v1/traces',
  '/dp/telemetry',
  '/dp/heartbeat',
  ...Object.keys(API_ROUTES).map((route) => route.slice(route.indexOf(' ') + 1)),
]);

/** Counts every answer by route and class of status, and makes one span of it where own traces are on. */
export function observed({ listener, recorder, tracer }: ObservedOptions): MiddlewareHandler {
  const other = listener === 'ingest' ? '/{bucket}/{key}' : '/{other}';
  return async (c, next) => {
    const route = ROUTES.has(c.req.path) ? c.req.path : other;
    // Probes come every few seconds from everywhere and would be most of the traces.
    const probe = route === '/health' || route === '/ready';
    const span =
      tracer === undefined || probe
        ? undefined
        : tracer.startSpan(`${c.req.method} ${route}`, {
            kind: SpanKind.SERVER,
            attributes: { 'http.request.method': c.req.method, 'http.route': route },
          });
    await next();
    const { status } = c.res;
    recorder.count('aisix_http_requests', 1, { listener, route, status: `${Math.floor(status / 100)}xx` });
    if (span !== undefined) {
      span.setAttribute('http.response.status_code', status);
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    }
  };
}
