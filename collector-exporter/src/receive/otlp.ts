import { type Context, Hono } from 'hono';
import type { DecodeContext, TracesDecoded } from '../decode/context.ts';
import { refusedRecord } from '../decode/refused.ts';
import { decodeTraces } from '../decode/traces.ts';
import { decodeTracesProtobuf } from '../decode/tracesProtobuf.ts';
import type { InputName } from '../report.ts';
import { AccessTokens, type InputToken } from './accessTokens.ts';
import { makeDurable } from './durable.ts';
import { HttpError, isUnreadable } from './httpErrors.ts';
import { mediaTypeOf, parseJson, type ReceivedBody, receiveBody } from './jsonBody.ts';
import type { ReceiverEnv } from './nodeRequest.ts';
import { acceptedReply, type OtlpEncoding, refusedReply } from './otlpReply.ts';
import { RECEIVE_METRICS, type ReceiverDeps, RefusalJournal } from './receiver.ts';

const INPUT = 'otlp' as const satisfies InputName;

/** Where spans lie in a body. */
const SPAN_LISTS = ['resourceSpans', 'scopeSpans', 'spans'];

/** With content switched on, the gateway may post 100 records of twice 128 KiB. */
export const MAX_OTLP_BYTES = 32 * 1024 * 1024;
export const MAX_INFLATED_OTLP_BYTES = 64 * 1024 * 1024;

const ENCODINGS: ReadonlyMap<string, OtlpEncoding> = new Map([
  ['application/json', 'json'],
  ['application/x-protobuf', 'protobuf'],
  ['application/protobuf', 'protobuf'],
]);

export interface OtlpReceiverOptions extends ReceiverDeps {
  readonly tokens: readonly InputToken[];
  /** Bounds for tests; defaults `MAX_OTLP_BYTES` and `MAX_INFLATED_OTLP_BYTES`. */
  readonly maxBytes?: number;
  readonly maxInflatedBytes?: number;
}

/**
 * `POST /v1/traces` for the gateway's `otlp_http` exporter: JSON and protobuf, gzip or plain, bearer token. Spans of
 * other scopes and spans that cannot be decoded are refused through partial success, the rest is kept. The reply
 * comes in the encoding of the request, a 200 only once the reports are durable.
 */
export function otlpReceiver(options: OtlpReceiverOptions): Hono<ReceiverEnv> {
  const tokens = new AccessTokens(options.tokens);
  const journal = new RefusalJournal(INPUT, options);
  const app = new Hono<ReceiverEnv>();
  app.post('/v1/traces', async (c) => {
    const encoding = ENCODINGS.get(mediaTypeOf(c));
    try {
      return await take(c, encoding, { options, tokens, journal });
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      if (error.status !== 503) journal.delivery(error.code, { reason: error.message });
      return refusedReply(error, encoding ?? 'json');
    }
  });
  return app;
}

interface Parts {
  readonly options: OtlpReceiverOptions;
  readonly tokens: AccessTokens;
  readonly journal: RefusalJournal;
}

async function take(c: Context<ReceiverEnv>, encoding: OtlpEncoding | undefined, parts: Parts): Promise<Response> {
  const { options, tokens, journal } = parts;
  const [token] = tokens.find(c.req.header('authorization'));
  if (token === undefined)
    throw new HttpError('unauthorized', 'expected Authorization: Bearer with a token of the input otlp');
  if (encoding === undefined) {
    throw new HttpError('unsupported_media_type', 'expected content-type application/json or application/x-protobuf');
  }
  const body = await receiveBody(c, {
    maxBytes: options.maxBytes ?? MAX_OTLP_BYTES,
    maxInflatedBytes: options.maxInflatedBytes ?? MAX_INFLATED_OTLP_BYTES,
  });
  options.recorder.count(RECEIVE_METRICS.receivedBytes, body.received, { input: INPUT });
  const receivedAt = options.now();
  const decoded = decode(body, encoding, receivedAt, options);
  const { environment, dataPlane } = token;
  const [first] = decoded.refused;
  if (first !== undefined) journal.reports(decoded.rejectedSpans, first, environment);
  const { reports } = decoded;
  const delivery = {
    input: INPUT,
    environment,
    receivedAt,
    reports,
    ...(dataPlane === undefined ? {} : { dataPlane }),
  };
  const stored = await makeDurable(delivery, options, journal);
  if (!stored.ok) throw new HttpError(stored.code, 'come again later', stored.retryAfterSeconds);
  return acceptedReply(decoded, encoding);
}

function decode(body: ReceivedBody, encoding: OtlpEncoding, now: number, options: OtlpReceiverOptions): TracesDecoded {
  const { recorder, keepRefused } = options;
  const ctx: DecodeContext = { input: INPUT, recorder, now, ...(keepRefused === undefined ? {} : { keepRefused }) };
  try {
    const decoded =
      encoding === 'json'
        ? decodeTraces(parseJson(body.bytes, SPAN_LISTS), ctx)
        : decodeTracesProtobuf(body.bytes, ctx);
    if (decoded.unreadable === undefined) return decoded;
    const { code, message } = decoded.unreadable;
    throw new HttpError(code === 'invalid_protobuf' ? code : 'not_a_batch', message);
  } catch (error) {
    keepUnreadable(error, body, now, options);
    throw error;
  }
}

function keepUnreadable(error: unknown, body: ReceivedBody, at: number, { keepRefused }: ReceiverDeps): void {
  if (keepRefused === undefined || !(error instanceof HttpError)) return;
  const { code } = error;
  if (isUnreadable(code)) keepRefused(refusedRecord({ input: INPUT, at, code, bytes: body.bytes }));
}
