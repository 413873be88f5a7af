import { type Accept, type Delivery, INPUTS } from '@aisix-observability/collector-exporter';
import { StreamFullError, StreamUnavailableError } from '@aisix-observability/pipeline';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { IdentityEnv } from '../identity/identified.ts';
import type { Reader } from '../identity/reader.ts';
import type { TelemetryPath } from '../ingest/pathContract.ts';
import { errorBody } from '../listen/errors.ts';

export interface ControlOptions {
  readonly accept: Accept;
  readonly resend: TelemetryPath['resend'];
  readonly status: () => Promise<unknown>;
  /** Tries the outputs of changes; absent where changes are not received. */
  readonly testChanges?: (() => Promise<unknown>) | undefined;
  /** Names of the destinations there are. */
  readonly destinations: readonly string[];
  /** The query API as it answers somebody who may read the data directory anyway. */
  readonly requests?: { readonly app: Hono<IdentityEnv>; readonly reader: Reader } | undefined;
}

/** One line holds one delivery of at most a few MiB; a body holds a handful of them. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/**
 * What commands beside a running server may ask of it, over the socket in its data directory (0600: whoever may open
 * it may read the directory anyway, so there is no further check of who asks).
 *
 * `POST /deliveries` takes NDJSON, one delivery a line, and answers `{"accepted":n}` once all are durable; 503 with
 * `Retry-After` when the stream is full: sending all of it again is harmless.
 */
export function controlApp({ accept, resend, status, testChanges, destinations, requests }: ControlOptions): Hono {
  const app = new Hono();
  app.notFound((c) => c.json(errorBody('not_found', 'this server knows no such command'), 404));
  app.onError((error, c) => {
    if (error instanceof StreamFullError || error instanceof StreamUnavailableError) {
      c.header('Retry-After', String(error.retryAfterSeconds));
      return c.json(errorBody(error.code, error.message), 503);
    }
    const code = 'code' in error && typeof error.code === 'string' ? error.code : 'internal';
    return c.json(errorBody(code, error.message), 500);
  });
  app.get('/status', async (c) => c.json((await status()) as object));
  if (testChanges !== undefined) app.post('/test-changes', async (c) => c.json((await testChanges()) as object));
  app.post('/deliveries', bodyLimit({ maxSize: MAX_BODY_BYTES }), async (c) => {
    const deliveries: Delivery[] = [];
    for (const line of (await c.req.text()).split('\n')) {
      if (line === '') continue;
      const delivery = readDelivery(line);
      if (delivery === undefined) return c.json(errorBody('delivery_invalid', 'a line holds no delivery'), 400);
      deliveries.push(delivery);
    }
    await Promise.all(deliveries.map(accept));
    return c.json({ accepted: deliveries.length });
  });
  app.post('/resend', bodyLimit({ maxSize: 4096 }), async (c) => {
    const { destination, from, to } = (await c.req.json().catch(() => ({}))) as Record<string, unknown>;
    if (typeof destination !== 'string' || typeof from !== 'number' || typeof to !== 'number' || !(from <= to)) {
      return c.json(errorBody('resend_invalid', 'a destination and a range with from ≤ to are needed'), 400);
    }
    if (!destinations.includes(destination)) {
      return c.json(
        errorBody(
          'destination_unknown',
          'there is no such destination',
          destinations.length === 0 ? 'none is configured' : `expected ${destinations.join(' or ')}`,
        ),
        404,
      );
    }
    return c.json(await resend(destination, { from, to }));
  });
  if (requests !== undefined) {
    const queries = new Hono<IdentityEnv>();
    queries.use(async (c, next) => {
      c.set('reader', requests.reader);
      await next();
    });
    queries.route('/', requests.app);
    app.route('/', queries);
  }
  return app;
}

function readDelivery(line: string): Delivery | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (value === null || typeof value !== 'object') return undefined;
  const { input, environment, receivedAt, reports } = value as Partial<Record<keyof Delivery, unknown>>;
  const whole =
    INPUTS.some((name) => name === input) &&
    typeof environment === 'string' &&
    typeof receivedAt === 'number' &&
    Array.isArray(reports);
  return whole ? (value as Delivery) : undefined;
}
