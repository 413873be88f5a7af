import { type Context, Hono } from 'hono';
import { isObject } from '../decode/fields.ts';
import { refusedRecord } from '../decode/refused.ts';
import { decodeUsageEvents } from '../decode/usageEvents.ts';
import type { InputName } from '../report.ts';
import { AccessTokens, type InputToken } from './accessTokens.ts';
import { makeDurable } from './durable.ts';
import { HttpError, isUnreadable } from './httpErrors.ts';
import { parseJson, receiveBody } from './jsonBody.ts';
import type { ReceiverEnv } from './nodeRequest.ts';
import { RECEIVE_METRICS, type ReceiverDeps, RefusalJournal } from './receiver.ts';
import { createSenders, type Sender, type Senders } from './telemetrySender.ts';

const INPUT = 'telemetry' as const satisfies InputName;

/** Where events lie in a body. */
const EVENT_LISTS = ['events'];

/** The gateway posts at most 100 events of some kilobytes. */
export const MAX_TELEMETRY_BYTES = 16 * 1024 * 1024;
export const MAX_INFLATED_TELEMETRY_BYTES = 32 * 1024 * 1024;

/** A heartbeat has some hundred bytes per exporter and rejected resource. */
export const MAX_HEARTBEAT_BYTES = 1024 * 1024;

export interface TelemetryReceiverOptions extends ReceiverDeps {
  readonly tokens: readonly InputToken[];
  /**
   * The environment's id for what a certificate or the header `x-aisix-environment` calls it (id or name); undefined
   * for one that is not configured.
   */
  readonly environmentOf: (nameOrId: string) => string | undefined;
  /** Bounds for tests; defaults `MAX_TELEMETRY_BYTES` and `MAX_INFLATED_TELEMETRY_BYTES`. */
  readonly maxBytes?: number;
  readonly maxInflatedBytes?: number;
}

/**
 * What a control plane answers its data planes, as far as telemetry goes.
 *
 * `POST /dp/telemetry` with `{"events":[…]}` → 200 `{"accepted":n}` once they are durable, with
 * `rejected:[{index,code,message}]` when some were refused; 400 when all were, so that the sender's log shows it.
 * `POST /dp/heartbeat` → 200 `{}`, counted: a data plane whose control plane is this server would else log errors.
 *
 * Who sends is known from the verified client certificate, else from a bearer token; `x-aisix-environment` must then
 * name the token's environment (and chooses between several environments of one token).
 */
export function telemetryReceiver(options: TelemetryReceiverOptions): Hono<ReceiverEnv> {
  const receiver = new TelemetryReceiver(options);
  const app = new Hono<ReceiverEnv>();
  app.post('/dp/telemetry', (c) => receiver.answer(c, (sender) => receiver.take(c, sender)));
  app.post('/dp/heartbeat', (c) => receiver.answer(c, () => receiver.heartbeat(c)));
  return app;
}

class TelemetryReceiver {
  readonly #options: TelemetryReceiverOptions;
  readonly #senders: Senders;
  readonly #journal: RefusalJournal;

  constructor(options: TelemetryReceiverOptions) {
    this.#options = options;
    this.#senders = createSenders(new AccessTokens(options.tokens), options.environmentOf);
    this.#journal = new RefusalJournal(INPUT, options);
  }

  async answer(c: Context<ReceiverEnv>, reply: (sender: Sender) => Promise<Response>): Promise<Response> {
    try {
      return await reply(this.#senders.of(c));
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      if (error.status !== 503) this.#journal.delivery(error.code, { reason: error.message });
      return Response.json(
        { error: { code: error.code, message: error.message } },
        { status: error.status, headers: error.headers() },
      );
    }
  }

  async take(c: Context<ReceiverEnv>, sender: Sender): Promise<Response> {
    const { recorder, keepRefused, now } = this.#options;
    const body = await receiveBody(c, {
      maxBytes: this.#options.maxBytes ?? MAX_TELEMETRY_BYTES,
      maxInflatedBytes: this.#options.maxInflatedBytes ?? MAX_INFLATED_TELEMETRY_BYTES,
    });
    recorder.count(RECEIVE_METRICS.receivedBytes, body.received, { input: INPUT });
    const receivedAt = now();
    const { reports, refused, refusedCount } = decodeUsageEvents(this.#eventsOf(body.bytes, receivedAt), {
      input: INPUT,
      recorder,
      now: receivedAt,
      ...(keepRefused === undefined ? {} : { keepRefused }),
    });
    const [first] = refused;
    if (first !== undefined) this.#journal.reports(refusedCount, first, sender.environment);
    const stored = await makeDurable({ input: INPUT, ...sender, receivedAt, reports }, this.#options, this.#journal);
    if (!stored.ok) throw new HttpError(stored.code, 'come again later', stored.retryAfterSeconds);
    if (first === undefined) return Response.json({ accepted: reports.length });
    const accepted = { accepted: reports.length, rejected: refused };
    if (reports.length > 0) return Response.json(accepted);
    const error = { code: 'nothing_usable', message: `event ${first.index}: ${first.code}: ${first.message}` };
    return Response.json({ error, ...accepted }, { status: 400 });
  }

  async heartbeat(c: Context<ReceiverEnv>): Promise<Response> {
    await receiveBody(c, { maxBytes: MAX_HEARTBEAT_BYTES, maxInflatedBytes: MAX_HEARTBEAT_BYTES });
    this.#options.recorder.count(RECEIVE_METRICS.heartbeats, 1);
    return Response.json({});
  }

  #eventsOf(bytes: Buffer, at: number): readonly unknown[] {
    try {
      const body = parseJson(bytes, EVENT_LISTS);
      if (isObject(body) && Array.isArray(body.events)) return body.events;
      throw new HttpError('not_a_batch', 'expected {"events":[…]}');
    } catch (error) {
      const code = error instanceof HttpError ? error.code : undefined;
      if (code !== undefined && isUnreadable(code)) {
        this.#options.keepRefused?.(refusedRecord({ input: INPUT, at, code, bytes }));
      }
      throw error;
    }
  }
}
