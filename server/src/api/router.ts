import { createRoute, OpenAPIHono, type z } from '@hono/zod-openapi';
import type { IdentityEnv } from '../identity/identified.ts';
import type { ApiContext } from './context.ts';
import { readBody } from './contract/readBody.ts';
import type { ApiErrorCode } from './errors.ts';
import { errorResponses } from './openapi/errorResponses.ts';

interface RouteDoc {
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly answer: z.ZodType;
  /** Media type of the answer. */
  readonly type?: string;
  /** Refusals of this route, beside those that every route has. */
  readonly errors: readonly ApiErrorCode[];
}

/** Routes that are served and described by one declaration, so that the OpenAPI document cannot differ. */
export interface ApiRouter {
  readonly app: OpenAPIHono<IdentityEnv>;
  get(doc: RouteDoc, handle: (c: ApiContext) => Response | Promise<Response>): void;
  post<Body extends z.ZodObject>(
    doc: RouteDoc & { readonly body: Body },
    handle: (body: z.output<Body>, c: ApiContext) => Promise<Response>,
  ): void;
  /** Describes a route that another app serves. */
  describe(doc: RouteDoc): void;
}

/** Of everything that takes a body. */
const BODY_ERRORS = [
  'body_invalid',
  'content_type_invalid',
  'body_too_large',
  'key_unknown',
  'value_missing',
  'value_invalid',
  'limit_exceeded',
] as const satisfies readonly ApiErrorCode[];

export function createRouter(): ApiRouter {
  const app = new OpenAPIHono<IdentityEnv>();
  const register = (method: 'get' | 'post', doc: RouteDoc, body?: z.ZodObject) => {
    const { path, summary, description, answer, type = 'application/json', errors } = doc;
    app.openAPIRegistry.registerPath(
      createRoute({
        method,
        path,
        summary,
        ...(description === undefined ? {} : { description }),
        ...(body === undefined
          ? {}
          : { request: { body: { required: true, content: { 'application/json': { schema: body } } } } }),
        responses: {
          200: { description: 'the answer', content: { [type]: { schema: answer } } },
          ...errorResponses(body === undefined ? errors : [...BODY_ERRORS, ...errors]),
        },
      }),
    );
  };
  return {
    app,
    get(doc, handle) {
      register('get', doc);
      app.get(doc.path, handle);
    },
    post(doc, handle) {
      register('post', doc, doc.body);
      app.post(doc.path, async (c) => handle(await readBody(c, doc.body), c));
    },
    describe: (doc) => register('get', doc),
  };
}
