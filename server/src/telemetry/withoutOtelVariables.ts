/**
 * Runs `build` while no `OTEL_*` variable can be seen. The SDK's exporters read those on construction and would mix
 * them into explicit options: the endpoint and the credentials of the users' backend are meant for a destination,
 * and must not reach the backend of the server's own telemetry.
 */
export function withoutOtelVariables<T>(build: () => T): T {
  const hidden = Object.entries(process.env).filter(([name]) => name.startsWith('OTEL_'));
  for (const [name] of hidden) delete process.env[name];
  try {
    return build();
  } finally {
    for (const [name, value] of hidden) process.env[name] = value;
  }
}
