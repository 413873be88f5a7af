import { expect, test } from 'vitest';
import { BUCKET_FAULTS, bucketFaultOf } from './bucketErrors.ts';

const s3 = (name: string, status: number) =>
  Object.assign(new Error('secretexample\nAKIDEXAMPLE'), { name, $metadata: { httpStatusCode: status } });

test('every error of a store is named by what to check, and none of its own text is repeated', () => {
  const cases: [unknown, keyof typeof BUCKET_FAULTS][] = [
    [s3('InvalidAccessKeyId', 403), 'access_key_unknown'],
    [s3('SignatureDoesNotMatch', 403), 'secret_wrong'],
    [s3('ExpiredToken', 400), 'token_expired'],
    [s3('AccessDenied', 403), 'access_denied'],
    [s3('NoSuchBucket', 404), 'bucket_missing'],
    [s3('PermanentRedirect', 301), 'region_wrong'],
    [s3('RequestTimeTooSkewed', 403), 'clock_wrong'],
    [s3('SlowDown', 503), 'throttled'],
    [s3('NoSuchKey', 404), 'object_gone'],
    [s3('Whatever', 403), 'access_denied'],
    [s3('Whatever', 429), 'throttled'],
    [s3('Whatever', 500), 'store_failed'],
    [s3('Whatever', 302), 'region_wrong'],
    [s3('SyntaxError', 200), 'unexpected_answer'],
    [Object.assign(new Error('x'), { name: 'CredentialsProviderError' }), 'credentials_missing'],
    [Object.assign(new Error('x'), { code: 'ENOTFOUND' }), 'endpoint_unknown'],
    [new Error('x', { cause: Object.assign(new Error('y'), { code: 'ECONNREFUSED' }) }), 'endpoint_unreachable'],
    [Object.assign(new AggregateError([Object.assign(new Error('y'), { code: 'ETIMEDOUT' })])), 'endpoint_unreachable'],
    [Object.assign(new Error('x'), { code: 'CERT_HAS_EXPIRED' }), 'tls_failed'],
    [Object.assign(new Error('x'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }), 'tls_failed'],
    [Object.assign(new Error('x'), { name: 'constructor' }), 'store_failed'],
    [undefined, 'store_failed'],
    ['text', 'store_failed'],
  ];
  for (const [error, code] of cases) expect(bucketFaultOf(error)).toEqual({ code, message: BUCKET_FAULTS[code] });
  const circle: { cause?: unknown } = {};
  circle.cause = circle;
  expect(bucketFaultOf(circle).code).toBe('store_failed');
});
