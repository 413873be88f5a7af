import { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, gunzipSync } from 'node:zlib';
import type { Context } from 'hono';
import type { ReceiverEnv } from './nodeRequest.ts';

/** Why a body could not be taken. */
export type BodyFault =
  /** More bytes than allowed, as sent. */
  | 'body_too_large'
  /** More bytes than allowed after inflating: inflating stopped there. */
  | 'inflated_too_large'
  /** The sender went away before the end. */
  | 'body_incomplete'
  /** Not gzip, or cut short. */
  | 'invalid_gzip';

/** A body that could not be taken; `fault` is the stable code. */
export class BodyError extends Error {
  readonly fault: BodyFault;

  constructor(fault: BodyFault) {
    super(fault);
    this.name = 'BodyError';
    this.fault = fault;
  }
}

/**
 * The body's bytes, read no further than `maxBytes`.
 *
 * @throws BodyError `body_too_large` or `body_incomplete`.
 */
export async function readBody(c: Context<ReceiverEnv>, maxBytes: number): Promise<Buffer> {
  const announced = Number(c.req.header('content-length') ?? 0);
  if (announced > maxBytes) throw new BodyError('body_too_large');
  const incoming = c.env?.incoming;
  if (incoming instanceof IncomingMessage) return readIncoming(incoming, maxBytes);
  const stream = c.req.raw.body;
  if (stream === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new BodyError('body_too_large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** Straight from Node's own stream: the web stream around it costs more than the body. */
function readIncoming(incoming: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (finish: () => void): void => {
      incoming.off('data', onData).off('end', onEnd).off('close', onGone).off('error', onGone);
      finish();
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) settle(() => reject(new BodyError('body_too_large')));
      else chunks.push(chunk);
    };
    const onEnd = (): void =>
      settle(() => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    const onGone = (): void => settle(() => reject(new BodyError('body_incomplete')));
    if (incoming.readableEnded) onEnd();
    else if (incoming.destroyed) onGone();
    else incoming.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone);
  });
}

/**
 * Up to here inflating at once costs less than handing it to the thread pool; it can give at most some 1,030 times as
 * much (16 MiB, about 10 ms).
 */
const INFLATE_AT_ONCE_BYTES = 16 * 1024;

const gunzipInPool = promisify(gunzip);

/** First two bytes of every gzip member. */
export function looksLikeGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Inflates gzip and stops as soon as more than `maxBytes` came out.
 *
 * @throws BodyError `inflated_too_large` or `invalid_gzip`.
 */
export async function inflate(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  const options = { maxOutputLength: maxBytes };
  try {
    if (bytes.length <= INFLATE_AT_ONCE_BYTES) return gunzipSync(bytes, options);
    return await gunzipInPool(bytes, { ...options, chunkSize: 256 * 1024 });
  } catch (error) {
    const tooLarge = error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    throw new BodyError(tooLarge ? 'inflated_too_large' : 'invalid_gzip');
  }
}
