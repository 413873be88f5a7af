import { createGunzip, gunzipSync } from 'node:zlib';

/** Why bytes could not be inflated to their end. */
export type InflateFault = 'torn_gzip' | 'bad_gzip' | 'inflates_too_large';

/** What was inflated before the fault has been handed out. */
export class InflateError extends Error {
  readonly code: InflateFault;

  constructor(code: InflateFault) {
    super(INFLATE_MESSAGES[code]);
    this.name = 'InflateError';
    this.code = code;
  }
}

const INFLATE_MESSAGES: Readonly<Record<InflateFault, string>> = {
  torn_gzip: 'the gzip data ends before its trailer',
  bad_gzip: 'the bytes are not valid gzip data',
  inflates_too_large: 'the gzip data inflates to more than is allowed',
};

/**
 * One step inflates at most 1032 times its size, so a piece of 16 KiB is at most 16 MiB of output at once; that also
 * bounds what a gzip bomb can claim before it is noticed.
 */
const PIECE_BYTES = 16 * 1024;

/**
 * Most objects are one second's flush of some kilobytes. Setting up a stream for each costs more than inflating it, so
 * a small one is inflated at once; whatever is unusual about it is left to the stream.
 */
const SMALL_BYTES = 32 * 1024;
const SMALL_INFLATED_BYTES = 1024 * 1024;

export interface InflateOptions {
  /** Inflated bytes at most; without it there is no bound, and the caller holds no more than a piece. */
  readonly maxBytes?: number;
  /** Stored bytes, where the caller knows them: small ones are inflated at once. */
  readonly size?: number;
}

/**
 * Inflates gzip (also several members in a row). Everything that can be read before a tear or a broken block is
 * handed out before the error.
 *
 * @throws InflateError, or whatever the source throws.
 */
export async function* inflate(
  source: AsyncIterable<Uint8Array>,
  { maxBytes = Number.POSITIVE_INFINITY, size = Number.POSITIVE_INFINITY }: InflateOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  if (size > SMALL_BYTES) {
    yield* inflateStream(source, maxBytes);
    return;
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  const stored = pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces);
  const whole = inflateSmall(stored, Math.min(maxBytes, SMALL_INFLATED_BYTES));
  if (whole === undefined) yield* inflateStream([stored], maxBytes);
  else yield whole;
}

function inflateSmall(stored: Uint8Array, maxOutputLength: number): Uint8Array | undefined {
  try {
    return gunzipSync(stored, { maxOutputLength });
  } catch {
    return undefined;
  }
}

async function* inflateStream(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const gunzip = createGunzip({ chunkSize: 64 * 1024 });
  let ready: Uint8Array[] = [];
  let total = 0;
  let failure: NodeJS.ErrnoException | undefined;
  let isClosed = false;
  // One waiter at a time; after an error the callback of a write never comes, but the close does.
  let proceed: () => void = () => {};
  gunzip.once('close', () => {
    isClosed = true;
    proceed();
  });
  const untilReady = (begin: (done: () => void) => void): Promise<void> =>
    new Promise((resolve) => {
      proceed = resolve;
      if (isClosed) resolve();
      else begin(resolve);
    });
  gunzip.on('data', (bytes: Uint8Array) => ready.push(bytes));
  gunzip.on('error', (error) => {
    failure ??= error;
  });

  function* drain(): Generator<Uint8Array, void, undefined> {
    const outputs = ready;
    ready = [];
    for (const bytes of outputs) {
      const room = maxBytes - total;
      total += bytes.length;
      if (bytes.length > room) {
        if (room > 0) yield bytes.subarray(0, room);
        throw new InflateError('inflates_too_large');
      }
      yield bytes;
    }
  }

  try {
    let any = false;
    for await (const bytes of source) {
      for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
        any = true;
        const piece = bytes.subarray(start, start + PIECE_BYTES);
        await untilReady((done) => gunzip.write(piece, () => done()));
        yield* drain();
        if (failure !== undefined) throw inflateError(failure);
      }
    }
    // An empty object is an empty file, not a torn one.
    if (!any) return;
    await untilReady(() => gunzip.end());
    yield* drain();
    if (failure !== undefined) throw inflateError(failure);
  } finally {
    gunzip.destroy();
  }
}

function inflateError(error: NodeJS.ErrnoException): InflateError {
  return new InflateError(error.code === 'Z_BUF_ERROR' ? 'torn_gzip' : 'bad_gzip');
}
