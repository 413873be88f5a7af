import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { ApiError } from '../errors.ts';
import { API_LIMITS } from '../limits.ts';
import { filterSchema } from './bodies.ts';
import { bodyProblem } from './problem.ts';

/**
 * The body of a query, checked.
 *
 * @throws ApiError that names the first thing that is wrong.
 */
export async function readBody<Schema extends z.ZodObject>(c: Context, schema: Schema): Promise<z.output<Schema>> {
  const type = c.req.header('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new ApiError('content_type_invalid', 'a query is sent with `Content-Type: application/json`');
  }
  return parseBody(await readText(c.req.raw), schema);
}

/** The same for a text that is at hand. */
export function parseBody<Schema extends z.ZodObject>(text: string, schema: Schema): z.output<Schema> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new ApiError('body_invalid', 'the body is not JSON');
  }
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    throw new ApiError('body_invalid', 'the body is JSON, but no object');
  }
  checkSize(body);
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw bodyProblem(result.error.issues, body, (path) =>
    // The only sections inside of a body are its filters.
    Object.keys(path.length === 0 ? schema.shape : filterSchema.shape),
  );
}

async function readText(request: Request): Promise<string> {
  const limit = API_LIMITS.bodyBytes.value;
  const tooLarge = () => new ApiError('body_too_large', `the body is limited to ${limit} bytes`);
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge();
  if (request.body === null) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body) {
    bytes += chunk.byteLength;
    if (bytes > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Counts values and keys before anything else looks at them: every wrong one would become a problem of its own. */
function checkSize(body: object): void {
  const limit = API_LIMITS.bodyValues.value;
  let values = 0;
  const left: object[] = [body];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    for (const value of Object.values(next)) {
      values += 1;
      if (values > limit) throw new ApiError('body_too_large', `the body is limited to ${limit} values`);
      if (value !== null && typeof value === 'object') left.push(value);
    }
  }
}
