import { HttpRefusal } from './httpRefusal.ts';

/**
 * The bytes of a request's body, read no further than `maxBytes`.
 *
 * @throws HttpRefusal `body_too_large` or `body_incomplete`.
 */
export async function readBody(request: Request, maxBytes: number): Promise<Buffer> {
  const tooLarge = () => new HttpRefusal('body_too_large', `expected at most ${maxBytes} bytes`);
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength;
      if (size > maxBytes) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof HttpRefusal) throw error;
    throw new HttpRefusal('body_incomplete', 'the body ended before its announced length');
  }
  return Buffer.concat(chunks, size);
}
