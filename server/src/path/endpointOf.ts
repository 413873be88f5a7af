import { readFileSync } from 'node:fs';
import type { Endpoint } from '@aisix-observability/pipeline';
import type { DestinationConfig } from '../config/config.ts';
import { EXPORTER_USER_AGENT } from '../telemetry/resource.ts';

/**
 * How a configured destination is reached, whatever is sent there.
 *
 * @throws `ENOENT` on a missing TLS file.
 */
export function endpointOf(
  settings: Pick<DestinationConfig, 'url' | 'headers' | 'compression' | 'timeoutMillis' | 'tls'>,
): Omit<Endpoint, 'contentType'> {
  const { tls } = settings;
  return {
    url: settings.url,
    headers: settings.headers,
    compression: settings.compression,
    timeoutMillis: settings.timeoutMillis,
    userAgent: EXPORTER_USER_AGENT,
    ...(tls !== undefined && {
      tls: {
        ...(tls.caFile !== undefined && { ca: readFileSync(tls.caFile, 'utf8') }),
        ...(tls.certFile !== undefined && { cert: readFileSync(tls.certFile, 'utf8') }),
        ...(tls.keyFile !== undefined && { key: readFileSync(tls.keyFile, 'utf8') }),
      },
    }),
  };
}
