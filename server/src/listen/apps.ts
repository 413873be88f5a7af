import type { ReceiverEnv } from '@aisix-observability/collector-exporter';
import type { Log, Recorder } from '@aisix-observability/pipeline';
import type { Tracer } from '@opentelemetry/api';
import { Hono, type MiddlewareHandler } from 'hono';
import type { Identify } from '../identity/asking.ts';
import { type IdentityEnv, identified } from '../identity/identified.ts';
import { API_ROUTES } from '../identity/routes.ts';
import { errorBody, notFound, stopping } from './errors.ts';
import { observed } from './observed.ts';

/** Whether the server takes work. `failed`: the telemetry path stopped on its own. */
export type ServerState = 'starting' | 'ready' | 'stopping' | 'failed';

export interface AppsOptions {
  readonly state: () => ServerState;
  readonly recorder: Recorder;
  readonly log: Log;
  readonly tracer: Tracer | undefined;
}

/** What both listeners have in common: probes without content, refusals of one shape, counting. */
function baseApp(listener: 'ingest' | 'api', { state, recorder, log, tracer }: AppsOptions): Hono {
  const app = new Hono();
  app.use(observed({ listener, recorder, tracer }));
  app.get('/health', (c) => c.body(null, state() === 'failed' ? 503 : 200));
  app.get('/ready', (c) => c.body(null, state() === 'ready' ? 200 : 503));
  app.notFound(notFound);
  app.onError((error, c) => {
    // The cause is for the log; a stack or a message of a library is nothing for the other side.
    log('error', 'A request could not be answered.', { listener, method: c.req.method, error });
    return c.json(errorBody('internal', 'the server failed to answer; its log says why'), 500);
  });
  return app;
}

/**
 * The ingest listener: the receivers' apps, in the order given. While the server does not take work everything but
 * the probes hears 503 with `Retry-After`.
 */
export function ingestApp(
  options: AppsOptions,
  receivers: readonly (Hono<ReceiverEnv> | Hono)[],
  inFlight: MiddlewareHandler,
): Hono {
  const app = baseApp('ingest', options);
  app.use(async (c, next) => (options.state() === 'ready' ? next() : stopping(c)));
  app.use(inFlight);
  for (const receiver of receivers) app.route('/', receiver as Hono);
  return app;
}

export interface ApiOptions extends AppsOptions {
  readonly identify: Identify;
  /** The query API. */
  readonly requests?: Hono<IdentityEnv> | undefined;
  metricsText(): Promise<string>;
  status(): Promise<unknown>;
}

/** The api listener: what operators look at. It answers while the server stops, so that a drain can be watched. */
export function apiApp(options: ApiOptions): Hono {
  const guarded = new Hono<IdentityEnv>();
  guarded.use(identified({ identify: options.identify, routes: API_ROUTES, recorder: options.recorder }));
  guarded.get('/metrics', async (c) =>
    c.body(await options.metricsText(), 200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }),
  );
  guarded.get('/status', async (c) => c.json((await options.status()) as object));
  if (options.requests !== undefined) guarded.route('/', options.requests);
  const app = baseApp('api', options);
  app.route('/', guarded);
  return app;
}
