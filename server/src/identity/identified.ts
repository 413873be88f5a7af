import type { IncomingMessage } from 'node:http';
import type { Recorder } from '@aisix-observability/pipeline';
import type { Context, Hono, MiddlewareHandler } from 'hono';
import { type Identify, isThroughGrafana } from './asking.ts';
import { pass, type RouteGuards } from './guard.ts';
import type { Reader } from './reader.ts';
import { answerRefusal, type Refusal } from './refusal.ts';

/** Environment of handlers behind {@link identified}. */
export interface IdentityEnv {
  Variables: { reader: Reader };
  Bindings: { incoming?: IncomingMessage };
}

export interface IdentifiedOptions {
  readonly identify: Identify;
  readonly routes: RouteGuards;
  readonly recorder: Recorder;
}

/**
 * Lets through what is declared, and then only who may: the path must stand in `routes` letter by letter, as it came
 * over the wire. Anything else (percent-encoded, dot segments, doubled or trailing slashes, other case) is 404 before
 * a router decodes it, so no spelling of a path reaches a handler by the guard of another one.
 */
export function identified({ identify, routes, recorder }: IdentifiedOptions): MiddlewareHandler<IdentityEnv> {
  const guards = new Map(Object.entries(routes));
  const refuse = (c: Context, refusal: Refusal) => {
    recorder.count('aisix_refused_callers', 1, { code: refusal.code });
    return answerRefusal(c, refusal);
  };
  return async (c, next) => {
    const path = rawPath(c);
    const guard = path === c.req.path ? guards.get(`${guardedMethod(c.req.method)} ${path}`) : undefined;
    if (guard === undefined) return refuse(c, noRoute(path === c.req.path ? path : '', routes));
    if (guard.needs === 'nothing') return next();
    const asking = {
      header: (name: string) => c.req.header(name),
      remoteAddress: c.env?.incoming?.socket.remoteAddress,
    };
    const identity = await identify(asking);
    const verdict = 'refusal' in identity ? identity.refusal : pass(guard, identity.reader);
    if ('code' in verdict) {
      return refuse(c, verdict.status === 401 && isThroughGrafana(asking) ? { ...verdict, status: 403 } : verdict);
    }
    c.set('reader', verdict);
    c.header('Cache-Control', 'no-store');
    return next();
  };
}

/** Handlers of an app that no guard was declared for: they cannot be reached, which is a mistake of the code. */
export function unguardedRoutes(app: Hono, routes: RouteGuards): string[] {
  return app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path}`)
    .filter((route) => !Object.hasOwn(routes, route));
}

/** As it came over the wire, up to the query. */
function rawPath(c: Context<IdentityEnv>): string {
  const url = c.env?.incoming?.url ?? c.req.raw.url.replace(/^[a-z]+:\/\/[^/]*/, '');
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

/** The router answers HEAD with the handler of GET. */
const guardedMethod = (method: string) => (method === 'HEAD' ? 'GET' : method);

function noRoute(path: string, routes: RouteGuards): Refusal {
  const allow = Object.keys(routes)
    .filter((route) => route.slice(route.indexOf(' ') + 1) === path)
    .map((route) => route.slice(0, route.indexOf(' ')));
  if (allow.length === 0) {
    return { status: 404, code: 'not_found', message: 'there is no such resource on this listener' };
  }
  return { status: 405, code: 'method_not_allowed', message: `this resource has ${allow.join(', ')} only`, allow };
}
