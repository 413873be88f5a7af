import { XMLBuilder } from 'fast-xml-parser';

/** S3 error codes that this receiver answers, with the HTTP status that S3 clients expect for each. */
export const S3_ERRORS = {
  AccessDenied: 403,
  AuthorizationHeaderMalformed: 400,
  EntityTooLarge: 400,
  IncompleteBody: 400,
  InvalidAccessKeyId: 403,
  InvalidArgument: 400,
  InvalidRequest: 400,
  InvalidURI: 400,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NotImplemented: 501,
  RequestTimeTooSkewed: 403,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  SlowDown: 503,
  XAmzContentSHA256Mismatch: 400,
} as const;

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
  return new Response(method === 'HEAD' ? null : body, { status: S3_ERRORS[error.code], headers });
}
