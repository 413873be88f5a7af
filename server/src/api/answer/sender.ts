import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { Context } from 'hono';
import { ApiError } from '../errors.ts';
import { BUSY_RETRY_SECONDS, type RunLimits } from '../limits.ts';
import { type Held, pieceStream } from './pieceStream.ts';

/** An answer up to here goes out in one piece; longer ones as fast as the client takes them. */
const ONE_PIECE_BYTES = 64 * 1024;
/** Below it a packet or two hold the answer either way. */
const GZIP_FROM_BYTES = 4 * 1024;

const pack = promisify(gzip);

/** Sends answers piece by piece, as fast as each client takes them, and knows how much is not taken yet. */
export interface Sender {
  /** @throws ApiError `too_many_queries` when slow clients hold too many answers already. */
  checkRoom(): void;
  /** JSON texts, one after the other, as one answer; gzip where the client takes it. */
  json(c: Context, texts: readonly string[]): Promise<Response>;
}

export function createSender(limits: Pick<RunLimits, 'unsentBytes' | 'stalledMillis'>): Sender {
  const unsent: Held = { bytes: 0 };
  return {
    checkRoom() {
      if (unsent.bytes < limits.unsentBytes) return;
      throw new ApiError(
        'too_many_queries',
        `${unsent.bytes} bytes of answers wait for clients that do not take them`,
        'ask again later',
        BUSY_RETRY_SECONDS,
      );
    },
    async json(c, texts) {
      let bytes = encode(texts);
      c.header('Content-Type', 'application/json');
      c.header('Vary', 'Accept-Encoding');
      if (bytes.byteLength >= GZIP_FROM_BYTES && takesGzip(c.req.header('accept-encoding') ?? '')) {
        // In the thread pool, at the fastest level: nearly as small on such texts as the usual one, for half of the work.
        bytes = await pack(bytes, { level: constants.Z_BEST_SPEED });
        c.header('Content-Encoding', 'gzip');
      }
      if (bytes.byteLength <= ONE_PIECE_BYTES) return c.body(bytes, 200);
      c.header('Content-Length', String(bytes.byteLength));
      return c.body(pieceStream(bytes, unsent, limits.stalledMillis), 200);
    },
  };
}

/** Joined as text first they would be copied once more. */
function encode(texts: readonly string[]): Buffer<ArrayBuffer> {
  const bytes = Buffer.allocUnsafe(texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0));
  let at = 0;
  for (const text of texts) at += bytes.write(text, at);
  return bytes;
}

/** `gzip`, unless it is refused by `q=0`. */
function takesGzip(accepted: string): boolean {
  return accepted
    .toLowerCase()
    .split(',')
    .some((part) => /^\s*(gzip|\*)\s*(;|$)/.test(part) && !/;\s*q=0(\.0*)?\s*$/.test(part));
}
