import { isUtf8 } from 'node:buffer';
import type { Context } from 'hono';
import { markAmbiguous } from '../decode/duplicateKeys.ts';
import { nestsDeeperThan } from '../decode/jsonDepth.ts';
import { DEPTH_CHECK_FROM, MAX_JSON_DEPTH } from '../decode/limits.ts';
import { HttpError } from './httpErrors.ts';
import type { ReceiverEnv } from './nodeRequest.ts';
import { BodyError, inflate, readBody } from './requestBody.ts';

/** Bounds of one body. */
export interface BodyLimits {
  readonly maxBytes: number;
  readonly maxInflatedBytes: number;
}

/** A body before and after inflating. */
export interface ReceivedBody {
  readonly bytes: Buffer;
  /** Bytes as sent. */
  readonly received: number;
}

/**
 * The body, inflated when `Content-Encoding` says gzip.
 *
 * @throws HttpError `unsupported_encoding`, `body_too_large`, `inflated_too_large`, `body_incomplete`, `invalid_gzip`.
 */
export async function receiveBody(c: Context<ReceiverEnv>, limits: BodyLimits): Promise<ReceivedBody> {
  const encoding = c.req.header('content-encoding')?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip' && encoding !== '') {
    throw new HttpError('unsupported_encoding', 'expected content-encoding gzip or none');
  }
  try {
    const sent = await readBody(c, limits.maxBytes);
    const zipped = encoding === 'gzip' && sent.length > 0;
    const bytes = zipped ? await inflate(sent, limits.maxInflatedBytes) : sent;
    return { bytes, received: sent.length };
  } catch (error) {
    if (!(error instanceof BodyError)) throw error;
    throw new HttpError(error.fault, bodyMessage(error, limits));
  }
}

function bodyMessage({ fault }: BodyError, { maxBytes, maxInflatedBytes }: BodyLimits): string {
  switch (fault) {
    case 'body_too_large':
      return `expected at most ${maxBytes} bytes`;
    case 'inflated_too_large':
      return `expected at most ${maxInflatedBytes} bytes after inflating`;
    case 'body_incomplete':
      return 'the body ended before its announced length';
    case 'invalid_gzip':
      return 'the body is not gzip, or cut short';
  }
}

/**
 * A JSON body whose elements lie at `lists[0]`, in each of those at `lists[1]`, and so on. Elements that name a key
 * twice are replaced by `AMBIGUOUS`, so that decoding refuses them alone.
 *
 * @throws HttpError `invalid_utf8`, `too_deep`, `invalid_json` or `duplicate_key`.
 */
export function parseJson(bytes: Buffer, lists: readonly string[]): unknown {
  if (!isUtf8(bytes)) throw new HttpError('invalid_utf8', 'expected JSON in UTF-8');
  const text = bytes.toString('utf8');
  if (text.length > DEPTH_CHECK_FROM && nestsDeeperThan(text, MAX_JSON_DEPTH)) {
    throw new HttpError('too_deep', 'expected at most 64 levels of nesting');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    throw new HttpError('invalid_json', 'expected JSON');
  }
  if (!markAmbiguous(text, value, lists)) throw new HttpError('duplicate_key', 'expected each key of an object once');
  return value;
}

/** The media type without its parameters, in lower case. */
export function mediaTypeOf(c: Context<ReceiverEnv>): string {
  return (c.req.header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
