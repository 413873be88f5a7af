import type { Context } from 'hono';
import { chooseRoute, type OrgRole, type PluginRoute, type RouteSettings } from './pluginRoutes.ts';

export interface DataProxy {
  readonly routes: readonly PluginRoute[];
  readonly settings: () => RouteSettings;
  /** Value of `X-Grafana-Id` for the person who asks. */
  readonly identity: (role: OrgRole) => string;
  readonly userAgent: string;
}

/** Headers of the browser that Grafana hands on; cookies, origin and referer are none of them. */
const HANDED_ON = ['accept', 'accept-language', 'content-type'] as const;

/** Headers of the answer that Grafana does not hand on, and those that describe a coding which `fetch` has undone. */
const KEPT_BACK = ['set-cookie', 'content-encoding', 'content-length', 'transfer-encoding', 'connection', 'keep-alive'];

/** Bytes of a question; the largest of the plugin have some thousands. */
const MAX_BODY = 1024 * 1024;

/** Asks the server in place of the browser, as Grafana's data proxy does. Answers come line by line as they are written. */
export async function proxied(context: Context, path: string, role: OrgRole, proxy: DataProxy): Promise<Response> {
  const { req } = context;
  const chosen = chooseRoute(proxy.routes, { path, method: req.method, role }, proxy.settings());
  if ('denied' in chosen) {
    if (chosen.denied === 'role') return context.json({ message: 'plugin proxy route access denied' }, 403);
    return context.json({ message: 'no route of the plugin matches, and the data source has no URL' }, 502);
  }
  const headers = new Headers(chosen.headers);
  for (const name of HANDED_ON) {
    const value = req.header(name);
    if (value !== undefined) headers.set(name, value);
  }
  headers.set('user-agent', proxy.userAgent);
  headers.set('x-forwarded-for', '127.0.0.1');
  headers.set('x-grafana-id', proxy.identity(role));
  const body = req.method === 'GET' || req.method === 'HEAD' ? undefined : await req.arrayBuffer();
  if (body !== undefined && body.byteLength > MAX_BODY) return context.json({ message: 'too large' }, 413);
  let answer: Response;
  try {
    answer = await fetch(chosen.url + new URL(req.url).search, {
      method: req.method,
      headers,
      redirect: 'manual',
      // Who leaves a live list ends it at the server, too.
      signal: req.raw.signal,
      ...(body === undefined ? {} : { body }),
    });
  } catch {
    return context.json({ message: 'Bad gateway' }, 502);
  }
  if (answer.status === 401) {
    await answer.body?.cancel();
    return context.json({ message: 'Authentication to data source failed' }, 400);
  }
  const kept = new Headers(answer.headers);
  for (const name of KEPT_BACK) kept.delete(name);
  kept.set('content-security-policy', 'sandbox');
  const handedOn = answer.body === null ? null : endingQuietly(answer.body, req.raw.signal);
  return new Response(handedOn, { status: answer.status, headers: kept });
}

/** A body whose reader left ends; that is no failure that anybody should be told of. */
function endingQuietly(body: ReadableStream<Uint8Array>, left: AbortSignal): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        if (left.aborted) controller.close();
        else controller.error(error);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
