import type { DestinationConfig, LogDestinationConfig } from './config.ts';

const TRACES_PATH = /\/v1\/traces$/;

/**
 * The same destination for log events. None where its URL does not end as OTLP says, so that the one of logs cannot be
 * known: variables of the environment may name any URL.
 */
export function toLogDestination(
  { url, filter, ...from }: DestinationConfig,
  { actor, values }: Pick<LogDestinationConfig, 'actor' | 'values'> = { actor: 'id', values: false },
): LogDestinationConfig[] {
  const at = new URL(url);
  if (!TRACES_PATH.test(at.pathname)) return [];
  at.pathname = at.pathname.replace(TRACES_PATH, '/v1/logs');
  return [
    {
      name: from.name,
      url: at.href,
      protocol: from.protocol,
      compression: from.compression,
      headers: from.headers,
      ...(from.tls === undefined ? {} : { tls: from.tls }),
      maxBacklogBytes: from.maxBacklogBytes,
      timeoutMillis: from.timeoutMillis,
      resourceAttributes: from.resourceAttributes,
      ...(filter.environments === undefined ? {} : { environments: filter.environments }),
      actor,
      values,
    },
  ];
}
