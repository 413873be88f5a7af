import type { Posted } from './agentSender.ts';

/** Answers name at most a batch's refused observations. */
const MAX_ANSWER_BYTES = 1024 * 1024;
const TIMEOUT_MILLIS = 30_000;

/**
 * Posts with `fetch`; redirects are not followed, so that nothing signed goes anywhere else. A private authority of the
 * server is given to the process (`NODE_EXTRA_CA_CERTS`).
 */
export function fetchPost(ask: typeof fetch, url: string) {
  return async (body: Uint8Array, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Posted> => {
    try {
      const response = await ask(url, {
        method: 'POST',
        headers,
        body: new Uint8Array(body),
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MILLIS)]),
      });
      return {
        status: response.status,
        body: await textOf(response),
        retryAfter: response.headers.get('retry-after') ?? undefined,
      };
    } catch (error) {
      return { failed: error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : 'unreachable' };
    }
  };
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_ANSWER_BYTES) return '';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString('utf8');
}
