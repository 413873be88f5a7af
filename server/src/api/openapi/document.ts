import { z } from '@hono/zod-openapi';
import { VERSION } from '../../telemetry/resource.ts';
import type { ApiRouter } from '../router.ts';

const metricsText = z.string().openapi({ description: 'Prometheus text' });
const status = z.record(z.string(), z.unknown()).openapi({ description: 'state of inputs, streams and destinations' });
const document = z.record(z.string(), z.unknown()).openapi({ description: 'OpenAPI 3.1' });

/** Serves `/openapi.json`: the routes of the router, and those that stand beside it on the api listener. */
export function addOpenApi(router: ApiRouter): void {
  router.describe({
    path: '/metrics',
    summary: 'Metrics of the server',
    answer: metricsText,
    type: 'text/plain',
    errors: [],
  });
  router.describe({ path: '/status', summary: 'How the server does', answer: status, errors: [] });
  for (const [path, summary] of [
    ['/health', 'Whether the server works'],
    ['/ready', 'Whether the server takes work'],
  ] as const) {
    router.app.openAPIRegistry.registerPath({
      method: 'get',
      path,
      summary,
      security: [],
      responses: { 200: { description: 'yes' }, 503: { description: 'no' } },
    });
  }
  let made: object | undefined;
  router.get({ path: '/openapi.json', summary: 'This document', answer: document, errors: [] }, (c) => {
    made ??= openApiDocument(router);
    return c.json(made);
  });
}

export function openApiDocument(router: ApiRouter): object {
  router.app.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'a token of `access.tokens`',
  });
  router.app.openAPIRegistry.registerComponent('securitySchemes', 'grafana', {
    type: 'apiKey',
    in: 'header',
    name: 'X-Grafana-Id',
    description: 'identity that Grafana signs; off loopback the secret of the data source stands beside it',
  });
  return router.app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'AISIX observability: requests',
      version: VERSION,
      description: 'Times are milliseconds since 1970. Refusals have a stable `code`, a message and sometimes a hint.',
    },
    security: [{ token: [] }, { grafana: [] }],
  });
}
