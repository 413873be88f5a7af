import { createHash } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { refusedRecord } from '../decode/refused.ts';
import type { InputName } from '../report.ts';
import { decodeInPieces } from './decodeInPieces.ts';
import { makeDurable } from './durable.ts';
import { type ReceiverEnv, rawTarget } from './nodeRequest.ts';
import { type BucketRule, BucketRules, type ObjectPlace, objectPlaceOf } from './objectPlace.ts';
import { announcedHash, bucketReply, refuseUnlessPlainPut } from './objectRequest.ts';
import { RECEIVE_METRICS, type ReceiverDeps, RefusalJournal } from './receiver.ts';
import { BodyError, type BodyFault, inflate, looksLikeGzip, readBody } from './requestBody.ts';
import { S3Error, s3ErrorResponse } from './s3Errors.ts';
import { checkSignature, sameDigest } from './sigv4.ts';

const INPUT = 'object_store' as const satisfies InputName;

/** A data plane uploads some hundred kilobytes at most; archives copied by hand are larger. */
export const MAX_OBJECT_BYTES = 64 * 1024 * 1024;
export const MAX_INFLATED_OBJECT_BYTES = 256 * 1024 * 1024;

/** What a full stream asks of an S3 client, as S3 itself does. */
const UNAVAILABLE = { stream_full: 'SlowDown', stream_unavailable: 'ServiceUnavailable' } as const;

export interface ObjectStoreReceiverOptions extends ReceiverDeps {
  readonly accessKeys: readonly { readonly id: string; readonly secret: string }[];
  readonly buckets: readonly BucketRule[];
  /** Host that senders sign, where a proxy rewrites `host`. */
  readonly publicHost?: string;
  /** Bounds for tests; defaults `MAX_OBJECT_BYTES` and `MAX_INFLATED_OBJECT_BYTES`. */
  readonly maxBytes?: number;
  readonly maxInflatedBytes?: number;
}

/**
 * The part of S3 that the gateway's `object_store` exporter speaks: `PUT /{bucket}/{key…}` with NDJSON (gzip or
 * plain), `HEAD /{bucket}` and `GET /{bucket}?location`, path style, signed by headers. Everything else is refused
 * with an S3 XML error. 200 with the MD5 as `ETag` only once the reports are durable.
 *
 * It answers every path, so it is mounted last on a listener.
 *
 * Lines that cannot be decoded are counted and left out while the object is accepted, since the sender would send the
 * same bytes again. When not one line can be used, the answer is 400 `InvalidArgument` with the first reason: the
 * gateway gives up on a 4xx and shows the reason in its exporter's health, where 200 would hide the loss.
 */
export function objectStoreReceiver(options: ObjectStoreReceiverOptions): Hono<ReceiverEnv> {
  const receiver = new ObjectStoreReceiver(options);
  const app = new Hono<ReceiverEnv>();
  app.all('*', (c) => receiver.handle(c));
  return app;
}

class ObjectStoreReceiver {
  readonly #options: ObjectStoreReceiverOptions;
  readonly #secrets: ReadonlyMap<string, string>;
  readonly #rules: BucketRules;
  readonly #journal: RefusalJournal;

  constructor(options: ObjectStoreReceiverOptions) {
    this.#options = options;
    this.#secrets = new Map(options.accessKeys.map(({ id, secret }) => [id, secret]));
    this.#rules = new BucketRules(options.buckets);
    this.#journal = new RefusalJournal(INPUT, options);
  }

  async handle(c: Context<ReceiverEnv>): Promise<Response> {
    try {
      return await this.#answer(c);
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      // A delivery that the stream refused was counted where that happened.
      if (error.retryAfterSeconds === undefined) this.#journal.delivery(error.code, { reason: error.message });
      return s3ErrorResponse(error, c.req.method);
    }
  }

  async #answer(c: Context<ReceiverEnv>): Promise<Response> {
    const { method } = c.req;
    const { path, query } = rawTarget(c);
    const parameters = new URLSearchParams(query);
    const headers = c.env?.incoming?.headers ?? c.req.header();
    if (parameters.has('X-Amz-Signature') || parameters.has('Signature')) {
      throw new S3Error('NotImplemented', 'Presigned URLs are not accepted: sign with the Authorization header.');
    }
    const { publicHost, now } = this.#options;
    const check = { secrets: this.#secrets, now: now(), ...(publicHost === undefined ? {} : { publicHost }) };
    await checkSignature({ method, path, query, headers }, check);

    const place = objectPlaceOf(path);
    if (!this.#rules.has(place.bucket)) throw new S3Error('NoSuchBucket', 'The bucket is not configured here.');
    if (place.key === '') return bucketReply(method, parameters);
    if (method === 'HEAD' || (method === 'GET' && query === '')) {
      throw new S3Error('NoSuchKey', 'Objects are taken in and not kept: there is nothing to read.');
    }
    refuseUnlessPlainPut(method, parameters, c);
    return this.#put(c, place);
  }

  async #put(c: Context<ReceiverEnv>, place: ObjectPlace): Promise<Response> {
    const rule = this.#rules.find(place);
    if (rule === undefined) {
      throw new S3Error('AccessDenied', 'No environment is configured for the prefix of this key.');
    }
    const announced = announcedHash(c.req.header('x-amz-content-sha256'));
    const body = await this.#body(c);
    const { recorder, keepRefused } = this.#options;
    recorder.count(RECEIVE_METRICS.receivedBytes, body.length, { input: INPUT });
    if (!sameDigest(createHash('sha256').update(body).digest('hex'), announced)) {
      throw new S3Error('XAmzContentSHA256Mismatch', 'The body is not the one that x-amz-content-sha256 was made of.');
    }
    const ndjson = await this.#ndjson(c, place, body);

    const receivedAt = this.#options.now();
    const { reports, refused, refusedCount } = await decodeInPieces(ndjson, {
      input: INPUT,
      recorder,
      now: receivedAt,
      ...(keepRefused === undefined ? {} : { keepRefused }),
    });
    const [first] = refused;
    if (first !== undefined) {
      this.#journal.reports(refusedCount, first, rule.environment);
      if (reports.length === 0) {
        throw new S3Error(
          'InvalidArgument',
          `No line is a usage event; line ${first.index}: ${first.code}: ${first.message}`,
        );
      }
    }
    const { environment, dataPlane } = rule;
    const delivery = {
      input: INPUT,
      environment,
      receivedAt,
      reports,
      ...(dataPlane === undefined ? {} : { dataPlane }),
    };
    const stored = await makeDurable(delivery, this.#options, this.#journal);
    if (!stored.ok) {
      throw new S3Error(UNAVAILABLE[stored.code], 'Come again later.', stored.retryAfterSeconds);
    }
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    return new Response(null, { status: 200, headers: { etag } });
  }

  async #body(c: Context<ReceiverEnv>): Promise<Buffer> {
    try {
      return await readBody(c, this.#options.maxBytes ?? MAX_OBJECT_BYTES);
    } catch (error) {
      throw s3ErrorOf(error);
    }
  }

  /** Inflated when the key, the encoding or the first bytes say gzip. */
  async #ndjson(c: Context<ReceiverEnv>, place: ObjectPlace, body: Buffer): Promise<Buffer> {
    const encoding = c.req.header('content-encoding')?.trim().toLowerCase() ?? '';
    if (encoding !== '' && encoding !== 'gzip' && encoding !== 'identity') {
      throw new S3Error('NotImplemented', 'Expected content-encoding gzip or none.');
    }
    const maxBytes = this.#options.maxInflatedBytes ?? MAX_INFLATED_OBJECT_BYTES;
    const zipped = encoding === 'gzip' || place.key.endsWith('.gz') || looksLikeGzip(body);
    try {
      if (zipped && body.length > 0) return await inflate(body, maxBytes);
      if (body.length > maxBytes) throw new BodyError('inflated_too_large');
      return body;
    } catch (error) {
      const { keepRefused, now } = this.#options;
      keepRefused?.(refusedRecord({ input: INPUT, at: now(), code: 'invalid_gzip', bytes: body }));
      throw s3ErrorOf(error);
    }
  }
}

const BODY_ERRORS: Readonly<Record<BodyFault, () => S3Error>> = {
  body_too_large: () => new S3Error('EntityTooLarge', 'The object is larger than 64 MiB.'),
  inflated_too_large: () => new S3Error('EntityTooLarge', 'The object is larger than 256 MiB after inflating.'),
  body_incomplete: () => new S3Error('IncompleteBody', 'The body ended before its announced length.'),
  invalid_gzip: () => new S3Error('InvalidArgument', 'The object is not gzip, or cut short.'),
};

function s3ErrorOf(error: unknown): unknown {
  return error instanceof BodyError ? BODY_ERRORS[error.fault]() : error;
}
