import { resolve } from 'node:path';
import { destinationFromEnvironment, OtlpEnvironmentError } from '@aisix-observability/pipeline';
import type { DestinationConfig } from './config.ts';
import { DEFAULT_BACKLOG_BYTES, SLOW_MILLIS } from './destinationDefaults.ts';
import type { ConfigProblem } from './problem.ts';

/** Name of the destination that the environment describes: it stands in metrics, cursors and commands. */
export const ENVIRONMENT_DESTINATION = 'otlp';

/** The destination of the standard `OTEL_EXPORTER_OTLP_*` variables, or all that is wrong with them. */
export function environmentDestination(env: Readonly<Record<string, string | undefined>>): {
  readonly destinations: readonly DestinationConfig[];
  readonly problems: readonly ConfigProblem[];
} {
  try {
    const found = destinationFromEnvironment(env);
    if (found === undefined) return { destinations: [], problems: [] };
    const { url, protocol, compression, headers, timeoutMillis, tls } = found;
    const destination: DestinationConfig = {
      name: ENVIRONMENT_DESTINATION,
      url,
      protocol,
      compression,
      headers,
      timeoutMillis,
      ...(tls === undefined
        ? {}
        : { tls: Object.fromEntries(Object.entries(tls).map(([key, file]) => [key, resolve(file)])) }),
      sampling: { ratio: 1, slowMillis: SLOW_MILLIS },
      filter: {},
      redaction: { drop: [], hash: [] },
      traceId: 'inherit',
      maxBacklogBytes: DEFAULT_BACKLOG_BYTES,
      legacyGenai: false,
      resourceAttributes: {},
    };
    return { destinations: [destination], problems: [] };
  } catch (error) {
    if (!(error instanceof OtlpEnvironmentError)) throw error;
    return {
      destinations: [],
      problems: error.problems.map(({ variable, expected }) => ({
        path: variable,
        found: 'a variable of the environment (value not shown)',
        expected: expected.replace(/^expected /, ''),
      })),
    };
  }
}
