/** Bytes that somebody has to hold until a client takes them. */
export interface Held {
  bytes: number;
}

/** What is handed to a connection at a time. */
const PIECE_BYTES = 64 * 1024;

/**
 * Bytes as a body, a piece whenever the client took the one before. What is not taken yet is added to `held` and given
 * back however it ends; a client that takes nothing for so long ends it.
 */
export function pieceStream(
  bytes: Uint8Array<ArrayBuffer>,
  held: Held,
  stalledMillis: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  held.bytes += bytes.byteLength;
  const take = (upTo: number) => {
    held.bytes -= upTo - at;
    at = upTo;
  };
  let timer: NodeJS.Timeout | undefined;
  const finish = () => {
    clearTimeout(timer);
    take(bytes.byteLength);
  };
  return new ReadableStream(
    {
      start(controller) {
        timer = setTimeout(() => {
          finish();
          controller.error(new Error('the client takes nothing'));
        }, stalledMillis);
      },
      pull(controller) {
        timer?.refresh();
        const end = Math.min(at + PIECE_BYTES, bytes.byteLength);
        controller.enqueue(bytes.subarray(at, end));
        take(end);
        if (end < bytes.byteLength) return;
        finish();
        controller.close();
      },
      cancel: finish,
    },
    { highWaterMark: 0 },
  );
}
