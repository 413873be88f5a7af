import { XMLBuilder } from 'fast-xml-parser';

/** S3 error codes that this receiver answers, with the HTTP status that S3 clients expect for each and what they mean. */
export const S3_ERRORS = {
  AccessDenied: {
    status: 403,
    says: 'not signed, a header that must be signed is not, no date, or no environment has the prefix of the key',
  },
  AuthorizationHeaderMalformed: {
    status: 400,
    says: 'the `Authorization` header is not AWS Signature Version 4 for S3, or its day is not that of `x-amz-date`',
  },
  EntityTooLarge: { status: 400, says: 'more than 64 MiB as sent, or 256 MiB after inflating' },
  IncompleteBody: { status: 400, says: 'the sender went away before the end of the body' },
  InvalidAccessKeyId: { status: 403, says: 'the access key id is not configured' },
  InvalidArgument: {
    status: 400,
    says: 'no line is a usage event (the first reason is named), or the object is not gzip or cut short',
  },
  InvalidRequest: { status: 400, says: '`x-amz-content-sha256` is missing, or leaves the body unsigned' },
  InvalidURI: {
    status: 400,
    says: 'the key is not percent-encoded UTF-8, longer than 1,024 bytes, has a segment `.` or `..`, or a control character',
  },
  NoSuchBucket: { status: 404, says: 'the bucket is not configured' },
  NoSuchKey: { status: 404, says: 'objects are taken in and not kept: there is nothing to read' },
  NotImplemented: {
    status: 501,
    says: 'multipart, aws-chunked, presigned, copies, listings, deletions: only `PutObject` in one piece is taken',
  },
  RequestTimeTooSkewed: { status: 403, says: 'the date is more than 15 minutes off' },
  ServiceUnavailable: { status: 503, says: 'the disk does not take it; come again after `Retry-After`' },
  SignatureDoesNotMatch: {
    status: 403,
    says: 'the secret key is another, or a proxy rewrote the host (`public_host`)',
  },
  SlowDown: { status: 503, says: 'the stream holds its bound; come again after `Retry-After`' },
  XAmzContentSHA256Mismatch: { status: 400, says: 'the body is not the one that was signed' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly says: string }>>;

export type S3ErrorCode = keyof typeof S3_ERRORS;

/** Ends a request with an S3 error; `message` never quotes what the sender wrote. */
export class S3Error extends Error {
  readonly code: S3ErrorCode;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: S3ErrorCode, message: string, retryAfterSeconds?: number) {
    super(message);
    this.name = 'S3Error';
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

const builder = new XMLBuilder({ ignoreAttributes: false });

/** An XML document of one element. */
export function xmlDocument(root: Readonly<Record<string, unknown>>): string {
  return builder.build({ '?xml': { '@_version': '1.0', '@_encoding': 'UTF-8' }, ...root });
}

/** The reply to a request that ended with an error; a `HEAD` has no body. */
export function s3ErrorResponse(error: S3Error, method: string): Response {
  const headers = new Headers({ 'content-type': 'application/xml' });
  if (error.retryAfterSeconds !== undefined) headers.set('retry-after', String(error.retryAfterSeconds));
  const body = xmlDocument({ Error: { Code: error.code, Message: error.message } });
  return new Response(method === 'HEAD' ? null : body, { status: S3_ERRORS[error.code].status, headers });
}
