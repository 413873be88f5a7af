import type { Context } from 'hono';
import type { ReceiverEnv } from './nodeRequest.ts';
import { S3Error, xmlDocument } from './s3Errors.ts';

/** What is answered about the bucket itself: that it is there. */
export function bucketReply(method: string, parameters: URLSearchParams): Response {
  if (method === 'HEAD') return new Response(null, { status: 200 });
  if (method === 'GET' && parameters.has('location')) {
    const body = xmlDocument({ LocationConstraint: { '@_xmlns': 'http://s3.amazonaws.com/doc/2006-03-01/' } });
    return new Response(body, { status: 200, headers: { 'content-type': 'application/xml' } });
  }
  throw new S3Error('NotImplemented', 'Of a bucket only HEAD and GET ?location are answered.');
}

/**
 * Only `PutObject` in one piece goes on.
 *
 * @throws S3Error `NotImplemented` that names what is not accepted.
 */
export function refuseUnlessPlainPut(method: string, parameters: URLSearchParams, c: Context<ReceiverEnv>): void {
  if (parameters.has('uploads') || parameters.has('uploadId') || parameters.has('partNumber')) {
    throw new S3Error('NotImplemented', 'Multipart uploads are not accepted: send the object with one PutObject.');
  }
  if (method !== 'PUT') throw new S3Error('NotImplemented', 'Of objects only PutObject is accepted.');
  for (const name of parameters.keys()) {
    // AWS SDKs name the operation so; it changes nothing.
    if (name !== 'x-id') throw new S3Error('NotImplemented', 'Of objects only PutObject is accepted.');
  }
  if (c.req.header('x-amz-copy-source') !== undefined) {
    throw new S3Error('NotImplemented', 'CopyObject is not accepted.');
  }
}

/**
 * The SHA-256 of the body that the sender signed, in hex.
 *
 * @throws S3Error `InvalidRequest` or `NotImplemented` for the modes that leave the body unsigned.
 */
export function announcedHash(value: string | undefined): string {
  if (value === 'UNSIGNED-PAYLOAD') {
    throw new S3Error(
      'InvalidRequest',
      'UNSIGNED-PAYLOAD is not accepted: x-amz-content-sha256 must be the hash of the body.',
    );
  }
  if (value?.startsWith('STREAMING-')) {
    throw new S3Error(
      'NotImplemented',
      'aws-chunked bodies (STREAMING-…) are not accepted: send the body in one piece.',
    );
  }
  if (value === undefined || !/^[0-9a-f]{64}$/.test(value)) {
    throw new S3Error('InvalidRequest', 'x-amz-content-sha256 must be the SHA-256 of the body in hex.');
  }
  return value;
}
