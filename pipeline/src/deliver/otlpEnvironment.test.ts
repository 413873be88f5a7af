import { describe, expect, it } from 'vitest';
import { destinationFromEnvironment, OtlpEnvironmentError } from './otlpEnvironment.ts';

const BASE = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

function problemsOf(env: Record<string, string>) {
  try {
    destinationFromEnvironment(env);
  } catch (error) {
    if (error instanceof OtlpEnvironmentError) return error;
    throw error;
  }
  throw new Error('no problem was found');
}

describe('the destination of the environment', () => {
  it('is none when no endpoint is set', () => {
    expect(destinationFromEnvironment({})).toBeUndefined();
    expect(
      destinationFromEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: '  ', OTEL_EXPORTER_OTLP_HEADERS: 'a=b' }),
    ).toBeUndefined();
    expect(destinationFromEnvironment({ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://logs' })).toBeUndefined();
  });

  it('has the defaults of the specification', () => {
    expect(destinationFromEnvironment(BASE)).toEqual({
      url: 'http://collector:4318/v1/traces',
      protocol: 'http/protobuf',
      compression: 'none',
      headers: {},
      timeoutMillis: 10_000,
    });
  });

  it.each([
    ['http://c:4318', 'http://c:4318/v1/traces'],
    ['http://c:4318/', 'http://c:4318/v1/traces'],
    ['https://c/otlp', 'https://c/otlp/v1/traces'],
    ['https://c/otlp/?tenant=a', 'https://c/otlp/v1/traces?tenant=a'],
  ])('appends the path to the general endpoint %s', (endpoint, url) => {
    expect(destinationFromEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })?.url).toBe(url);
  });

  it.each([
    ['http://c:4318', 'http://c:4318/'],
    ['http://c:4318/mine', 'http://c:4318/mine'],
    ['http://c:4318/v1/traces/', 'http://c:4318/v1/traces/'],
  ])("takes the signal's own endpoint %s as it is", (endpoint, url) => {
    expect(destinationFromEnvironment({ ...BASE, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint })?.url).toBe(url);
  });

  it('prefers the variables of the signal, and appends the path of other signals', () => {
    const env = {
      ...BASE,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
      OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_TIMEOUT: '1',
      OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: '2500',
      OTEL_EXPORTER_OTLP_CERTIFICATE: '/ca.pem',
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: '/c.pem',
      OTEL_EXPORTER_OTLP_CLIENT_KEY: '/k.pem',
    };
    expect(destinationFromEnvironment(env, 'logs')).toEqual({
      url: 'http://collector:4318/v1/logs',
      protocol: 'http/json',
      compression: 'gzip',
      headers: {},
      timeoutMillis: 2_500,
      tls: { caFile: '/ca.pem', certFile: '/c.pem', keyFile: '/k.pem' },
    });
  });

  it('decodes headers', () => {
    const headers = ' Authorization = Basic%20dXNlcjpwYXNz%3D , x-scope=a;b , tenant=caf%C3%A9,,empty=';
    expect(destinationFromEnvironment({ ...BASE, OTEL_EXPORTER_OTLP_HEADERS: headers })?.headers).toEqual({
      authorization: 'Basic dXNlcjpwYXNz=',
      'x-scope': 'a;b',
      tenant: 'café',
      empty: '',
    });
  });

  it('names what is wrong, all of it, and never a value', () => {
    const error = problemsOf({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:s3cret@c',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/xml',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd',
      OTEL_EXPORTER_OTLP_HEADERS: 'a=b,s3cret',
      OTEL_EXPORTER_OTLP_TIMEOUT: '10s',
      OTEL_EXPORTER_OTLP_CLIENT_KEY: '/k.pem',
    });
    expect(error.problems.map(({ variable }) => variable.replace('OTEL_EXPORTER_OTLP_', ''))).toEqual([
      'ENDPOINT',
      'PROTOCOL',
      'COMPRESSION',
      'HEADERS',
      'TIMEOUT',
      'CLIENT_CERTIFICATE',
    ]);
    expect(error.message).not.toContain('s3cret');
    expect(error.message).toContain('number 2 is none');
  });

  it.each(['a=%zz', 'a b=c', '=v', 'a=line%0Abreak', 'a=%00'])('refuses the header %s', (headers) => {
    expect(problemsOf({ ...BASE, OTEL_EXPORTER_OTLP_HEADERS: headers }).problems).toHaveLength(1);
  });

  it.each(['ftp://c', 'collector:4318', 'not a url', '/v1/traces'])('refuses the endpoint %s', (endpoint) => {
    expect(problemsOf({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }).problems).toHaveLength(1);
  });

  it('says of grpc what to use instead', () => {
    expect(problemsOf({ ...BASE, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }).message).toContain('4318');
  });
});
