import { pipeline, Readable } from 'node:stream';
import { constants, createGzip } from 'node:zlib';
import type { Context } from 'hono';
import { ApiError } from '../errors.ts';
import { BUSY_RETRY_SECONDS, type RunLimits } from '../limits.ts';

/** Bytes handed to a connection at a time. */
const PIECE_BYTES = 64 * 1024;
/** Below it a packet or two hold the answer either way. */
const GZIP_FROM_BYTES = 4 * 1024;

/** Sends answers piece by piece, as fast as each client takes them, and knows how much is not taken yet. */
export interface Sender {
  /** @throws ApiError `too_many_queries` when slow clients hold too many answers already. */
  checkRoom(): void;
  /** JSON texts, one after the other, as one answer; gzip where the client takes it. */
  json(c: Context, pieces: readonly string[]): Response;
}

export function createSender(limits: Pick<RunLimits, 'unsentBytes' | 'stalledMillis'>): Sender {
  let unsent = 0;

  /** Gives back its part of `unsent` however it ends. */
  async function* taken(bytes: Buffer): AsyncGenerator<Buffer> {
    let left = bytes.byteLength;
    try {
      for (let start = 0; start < bytes.byteLength; start += PIECE_BYTES) {
        const piece = bytes.subarray(start, start + PIECE_BYTES);
        yield piece;
        unsent -= piece.byteLength;
        left -= piece.byteLength;
      }
    } finally {
      unsent -= left;
    }
  }

  return {
    checkRoom() {
      if (unsent < limits.unsentBytes) return;
      throw new ApiError(
        'too_many_queries',
        `${unsent} bytes of answers wait for clients that do not take them`,
        'ask again later',
        BUSY_RETRY_SECONDS,
      );
    },
    json(c, pieces) {
      const bytes = Buffer.from(pieces.join(''));
      c.header('Content-Type', 'application/json');
      c.header('Vary', 'Accept-Encoding');
      const gzip = bytes.byteLength >= GZIP_FROM_BYTES && takesGzip(c.req.header('accept-encoding') ?? '');
      if (!gzip && bytes.byteLength <= PIECE_BYTES) return c.body(bytes, 200);
      unsent += bytes.byteLength;
      const source = Readable.from(taken(bytes), { objectMode: false, highWaterMark: PIECE_BYTES });
      if (gzip) c.header('Content-Encoding', 'gzip');
      else c.header('Content-Length', String(bytes.byteLength));
      // The fastest level: nearly as small on such texts as the usual one, for half of the work.
      const out = gzip ? pipeline(source, createGzip({ level: constants.Z_BEST_SPEED }), () => {}) : source;
      return c.body(Readable.toWeb(cutWhenStalled(out, limits.stalledMillis)) as ReadableStream, 200);
    },
  };
}

/** Ends a stream from which nothing was read for so long. */
function cutWhenStalled(stream: Readable, stalledMillis: number): Readable {
  const cut = () => stream.destroy(new Error('the client takes nothing'));
  const timer = setTimeout(cut, stalledMillis);
  stream.on('data', () => timer.refresh());
  stream.pause();
  stream.once('close', () => clearTimeout(timer));
  return stream;
}

/** `gzip`, unless it is refused by `q=0`. */
function takesGzip(accepted: string): boolean {
  return accepted
    .toLowerCase()
    .split(',')
    .some((part) => /^\s*(gzip|\*)\s*(;|$)/.test(part) && !/;\s*q=0(\.0*)?\s*$/.test(part));
}
