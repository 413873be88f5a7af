import { SourceError } from './sourceFault.ts';

/** With 256 refused resources and their error texts, some 200 KiB. */
const MAX_BYTES = 1024 * 1024;
const TIMEOUT_MILLIS = 5_000;

/**
 * The body of an answer with status 200. Redirects are not followed.
 *
 * @throws SourceError `status_unreachable`, `status_timeout`, `status_unexpected`, `status_too_large`.
 */
export async function fetchStatus(ask: typeof fetch, url: string, signal: AbortSignal): Promise<string> {
  const limit = AbortSignal.timeout(TIMEOUT_MILLIS);
  try {
    const response = await ask(url, {
      headers: { accept: 'application/json' },
      redirect: 'manual',
      signal: AbortSignal.any([signal, limit]),
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new SourceError('status_unexpected', `found HTTP status ${response.status}, expected 200`, true);
    }
    return await bodyOf(response);
  } catch (error) {
    if (error instanceof SourceError) throw error;
    if (limit.aborted) throw new SourceError('status_timeout', 'the data plane did not answer in time', true);
    throw new SourceError('status_unreachable', 'the metrics listener of the data plane cannot be reached', true);
  }
}

async function bodyOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the body.
    if (size > MAX_BYTES) throw new SourceError('status_too_large', `expected at most ${MAX_BYTES} bytes`, true);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString('utf8');
}
