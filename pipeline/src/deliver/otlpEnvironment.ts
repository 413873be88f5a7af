import { validateHeaderName, validateHeaderValue } from 'node:http';
import { checkUrl } from './checkOptions.ts';

export type OtlpSignal = 'traces' | 'metrics' | 'logs';

/** A destination as the standard variables of OpenTelemetry describe it. */
export interface OtlpEnvironment {
  /** The full URL that requests are posted to. */
  readonly url: string;
  readonly protocol: 'http/protobuf' | 'http/json';
  readonly compression: 'gzip' | 'none';
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMillis: number;
  /** PEM files. */
  readonly tls?: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string };
}

/** Names every variable that makes no sense and what was expected of it; never a value, which may be a secret. */
export class OtlpEnvironmentError extends Error {
  readonly code = 'otlp_environment';
  readonly problems: readonly OtlpEnvironmentProblem[];

  constructor(problems: readonly OtlpEnvironmentProblem[]) {
    super(problems.map(({ variable, expected }) => `${variable}: ${expected}`).join('; '));
    this.name = 'OtlpEnvironmentError';
    this.problems = problems;
  }
}

export interface OtlpEnvironmentProblem {
  readonly variable: string;
  readonly expected: string;
}

const PREFIX = 'OTEL_EXPORTER_OTLP_';
const DEFAULT_TIMEOUT_MILLIS = 10_000;
/** An hour; more is a slip of units. */
const LONGEST_TIMEOUT_MILLIS = 3_600_000;
const GRPC =
  'grpc is not spoken here; use http/protobuf (or http/json) and the HTTP port of the backend, which is usually 4318';

/**
 * The destination that `OTEL_EXPORTER_OTLP_*` asks for, by the OpenTelemetry specification (protocol/exporter.md):
 * a variable of the signal goes before the general one, an empty one counts as unset, the general endpoint gets
 * `/v1/<signal>` appended, the signal's own is taken as it is. Undefined when neither endpoint is set, since a
 * destination that nobody asked for is no good default.
 *
 * @throws OtlpEnvironmentError with all problems at once.
 */
export function destinationFromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  signal: OtlpSignal = 'traces',
): OtlpEnvironment | undefined {
  const problems: OtlpEnvironmentProblem[] = [];
  const specific = `${PREFIX}${signal.toUpperCase()}_`;

  /** The variable that decides, and what `parse` makes of it; a throw becomes a problem with that message. */
  const read = <T>(name: string, parse: (value: string, isSpecific: boolean) => T): T | undefined => {
    for (const prefix of [specific, PREFIX]) {
      const variable = `${prefix}${name}`;
      const value = env[variable]?.trim();
      if (value === undefined || value === '') continue;
      try {
        return parse(value, prefix === specific);
      } catch (error) {
        problems.push({ variable, expected: (error as Error).message });
        return undefined;
      }
    }
    return undefined;
  };

  const url = read('ENDPOINT', (value, isSpecific) => endpointUrl(value, isSpecific ? undefined : signal));
  if (url === undefined && problems.length === 0) return undefined;
  const protocol = read('PROTOCOL', parseProtocol) ?? 'http/protobuf';
  const compression = read('COMPRESSION', parseCompression) ?? 'none';
  const headers = read('HEADERS', parseHeaders) ?? {};
  const timeoutMillis = read('TIMEOUT', parseTimeout) ?? DEFAULT_TIMEOUT_MILLIS;
  const caFile = read('CERTIFICATE', (value) => value);
  const certFile = read('CLIENT_CERTIFICATE', (value) => value);
  const keyFile = read('CLIENT_KEY', (value) => value);
  if ((certFile === undefined) !== (keyFile === undefined)) {
    problems.push({
      variable: `${PREFIX}CLIENT_CERTIFICATE`,
      expected: 'a client certificate and its key, both or none',
    });
  }
  if (url === undefined || problems.length > 0) throw new OtlpEnvironmentError(problems);

  const tls = {
    ...(caFile === undefined ? {} : { caFile }),
    ...(certFile === undefined ? {} : { certFile }),
    ...(keyFile === undefined ? {} : { keyFile }),
  };
  return { url, protocol, compression, headers, timeoutMillis, ...(Object.keys(tls).length === 0 ? {} : { tls }) };
}

function endpointUrl(value: string, appended: OtlpSignal | undefined): string {
  let url: URL;
  try {
    url = checkUrl(value);
  } catch {
    throw new Error('expected an http: or https: URL without user name and password');
  }
  if (appended !== undefined) url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/${appended}`;
  return url.href;
}

function parseProtocol(value: string): 'http/protobuf' | 'http/json' {
  if (value === 'http/protobuf' || value === 'http/json') return value;
  throw new Error(value === 'grpc' ? GRPC : 'expected http/protobuf or http/json');
}

function parseCompression(value: string): 'gzip' | 'none' {
  if (value === 'gzip' || value === 'none') return value;
  throw new Error('expected gzip or none');
}

function parseTimeout(value: string): number {
  const millis = Number(value);
  if (/^\d+$/.test(value) && millis > 0 && millis <= LONGEST_TIMEOUT_MILLIS) return millis;
  throw new Error('expected whole milliseconds, from 1 to an hour');
}

/** `name=value,name2=value2`, as W3C Baggage without properties: blanks around the parts do not count, values are percent-decoded. */
function parseHeaders(text: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [index, member] of text.split(',').entries()) {
    if (member.trim() === '') continue;
    const equals = member.indexOf('=');
    const name = member.slice(0, Math.max(equals, 0)).trim().toLowerCase();
    try {
      const value = decodeURIComponent(member.slice(equals + 1).trim());
      validateHeaderName(name);
      validateHeaderValue(name, value);
      headers[name] = value;
    } catch {
      throw new Error(`expected name=value pairs with percent-encoded values; number ${index + 1} is none`);
    }
  }
  return headers;
}
