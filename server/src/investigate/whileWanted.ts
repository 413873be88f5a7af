import type { Gone } from './messages.ts';

/** Asks, and tells a thread that is at work when nobody waits any more. */
export async function whileWanted<Answer>(
  signal: AbortSignal | undefined,
  ask: (gone: Gone) => Promise<Answer>,
): Promise<Answer> {
  const gone: Gone = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const tell = (): void => {
    Atomics.store(gone, 0, 1);
  };
  signal?.addEventListener('abort', tell, { once: true });
  try {
    return await ask(gone);
  } finally {
    signal?.removeEventListener('abort', tell);
  }
}
