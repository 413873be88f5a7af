import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/** Bindings of `@hono/node-server`; empty when an app is called without a socket. */
export type ReceiverEnv = {
  Bindings: Partial<HttpBindings>;
};

/** The request target as it stood on the wire: Hono and the URL parser rewrite dots and escapes. */
export function rawTarget(c: Context<ReceiverEnv>): { readonly path: string; readonly query: string } {
  const target = c.env?.incoming?.url ?? targetOf(c.req.url);
  const mark = target.indexOf('?');
  return mark < 0 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

function targetOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('//') + 2);
  return start < 0 ? '/' : url.slice(start);
}
