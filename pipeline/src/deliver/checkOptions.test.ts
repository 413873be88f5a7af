import { describe, expect, it } from 'vitest';
import { checkLimits, checkName, checkRetry, checkUrl, requestHeaders } from './checkOptions.ts';
import { DestinationOptionsError } from './errors.ts';
import { DEFAULT_LIMITS } from './limits.ts';

const endpoint = {
  url: 'http://c:4318/v1/traces',
  headers: {},
  contentType: 'application/x-protobuf',
  compression: 'gzip',
  timeoutMillis: 1,
  userAgent: 'us/1',
} as const;

describe('options of a destination', () => {
  it.each(['', '../up', 'a/b', 'a b', 'x'.repeat(65), '.hidden', 'a:b', 'a\nb'])('refuses the name %j', (name) => {
    expect(() => checkName(name)).toThrow(DestinationOptionsError);
  });

  it.each(['nothing', 'ftp://c', 'file:///etc/passwd', 'http://user@c', 'http://:pw@c'])(
    'refuses the URL %s',
    (url) => {
      expect(() => checkUrl(url)).toThrow(DestinationOptionsError);
    },
  );

  it('makes the headers of a request', () => {
    expect(requestHeaders({ ...endpoint, headers: { Authorization: 'Bearer t' } })).toEqual({
      'user-agent': 'us/1',
      authorization: 'Bearer t',
      'content-type': 'application/x-protobuf',
      'content-encoding': 'gzip',
    });
    expect(requestHeaders({ ...endpoint, compression: 'none', headers: { 'User-Agent': 'them/2' } })).toEqual({
      'user-agent': 'them/2',
      'content-type': 'application/x-protobuf',
    });
  });

  it.each([
    [{ 'Content-Length': '5' }, 'content-length'],
    [{ Host: 'other' }, 'host'],
    [{ 'bad name': 'x' }, 'HTTP allows'],
    [{ authorization: 'Bearer s3cret\r\nx: y' }, 'HTTP allows'],
  ])('refuses the headers %j without quoting them', (headers, words) => {
    const check = () => requestHeaders({ ...endpoint, headers: headers as Record<string, string> });
    expect(check).toThrow(words);
    expect(check).not.toThrow('s3cret');
  });

  it('fills limits in and refuses senseless ones', () => {
    expect(checkLimits({ inFlight: 9 })).toEqual({ ...DEFAULT_LIMITS, inFlight: 9 });
    expect(checkLimits({ lingerMillis: 0 }).lingerMillis).toBe(0);
    expect(() => checkLimits({ inFlight: 0 })).toThrow('limits.inFlight');
    expect(() => checkLimits({ batchItems: 1.5 })).toThrow('limits.batchItems');
    expect(() => checkLimits({ maxRequestBytes: 2 ** 27 })).toThrow('67108864');
    expect(() => checkRetry({ maxMillis: 10 })).toThrow('retry');
    expect(() => checkRetry({ jitter: Number.NaN })).toThrow('retry');
  });
});
