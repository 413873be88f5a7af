import type { MiddlewareHandler } from 'hono';

/**
 * Lets in only the page itself. Another page that is open in the same browser can reach ports of this machine, also
 * under a name of its own (DNS rebinding): the first gives itself away by `Origin` or `Sec-Fetch-Site`, the second by
 * `Host`.
 */
export function ownPageOnly(host: () => string): MiddlewareHandler {
  return async (context, next) => {
    const { req } = context;
    if (req.header('host') !== host()) return context.text('Not under this name.', 421);
    const origin = req.header('origin');
    if (origin !== undefined && origin !== `http://${host()}`) return context.text('Not for other pages.', 403);
    // A link that leads here from elsewhere is fine; what another page loads or sends is not.
    const site = req.header('sec-fetch-site');
    const navigated = req.method === 'GET' && req.header('sec-fetch-mode') === 'navigate';
    if (site !== undefined && site !== 'same-origin' && site !== 'none' && !navigated) {
      return context.text('Not for other pages.', 403);
    }
    await next();
  };
}
