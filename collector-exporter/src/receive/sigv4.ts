import { createHash, createHmac, type Hash, type Hmac, timingSafeEqual } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { S3Error } from './s3Errors.ts';

/** How far the sender's clock may be off; the same as S3 allows. */
export const MAX_CLOCK_SKEW_MILLIS = 15 * 60 * 1000;

/** A request as it stood on the wire. */
export interface SignedRequest {
  readonly method: string;
  /** Percent-encoded as sent. */
  readonly path: string;
  readonly query: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface SignatureCheck {
  /** Secret by access key id. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Host that senders sign, where a proxy rewrites `host`; tried when the host as received does not fit. */
  readonly publicHost?: string;
}

interface Authorization {
  readonly accessKey: string;
  readonly day: string;
  readonly region: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 +Credential=([^/,\s]{1,128})\/(\d{8})\/([A-Za-z0-9-]{1,64})\/s3\/aws4_request, *SignedHeaders=([a-z0-9;-]{1,1024}), *Signature=([0-9a-f]{64}) *$/;

/** Without these in the signature a request could be replayed elsewhere, later, or with another body. */
const MUST_BE_SIGNED = ['host', 'x-amz-content-sha256', 'x-amz-date'] as const;

/**
 * Checks the signature (AWS Signature Version 4, header form) of a request over its raw path. Resolves with the access
 * key id; the body still has to be compared with `x-amz-content-sha256`.
 *
 * @throws S3Error `AccessDenied`, `AuthorizationHeaderMalformed`, `InvalidAccessKeyId`, `RequestTimeTooSkewed` or
 *   `SignatureDoesNotMatch`.
 */
export async function checkSignature(request: SignedRequest, check: SignatureCheck): Promise<string> {
  const header = one(request.headers.authorization);
  if (header === undefined) throw new S3Error('AccessDenied', 'The request is not signed.');
  const authorization = authorizationOf(header);
  const secret = check.secrets.get(authorization.accessKey);
  if (secret === undefined) throw new S3Error('InvalidAccessKeyId', 'The access key id is not known here.');
  const signedAt = signingTime(one(request.headers['x-amz-date']), authorization.day);
  if (Math.abs(signedAt - check.now) > MAX_CLOCK_SKEW_MILLIS) {
    throw new S3Error('RequestTimeTooSkewed', 'The time of signing is more than 15 minutes off this server.');
  }
  for (const name of MUST_BE_SIGNED) {
    if (!authorization.signedHeaders.includes(name)) {
      throw new S3Error('AccessDenied', `The header ${name} must be signed.`);
    }
  }
  const hosts = new Set([one(request.headers.host), check.publicHost]);
  for (const host of hosts) {
    if (host === undefined) continue;
    const expected = await signatureOf(request, { ...authorization, secret, host, signedAt });
    if (sameDigest(expected, authorization.signature)) return authorization.accessKey;
  }
  throw new S3Error(
    'SignatureDoesNotMatch',
    'The signature does not fit the request: check the secret key, and public_host if a proxy rewrites the host.',
  );
}

/** Compares two digests in hex without saying by its time how much of them is equal. */
export function sameDigest(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}

function authorizationOf(header: string): Authorization {
  const [, accessKey, day, region, signedHeaders, signature] = AUTHORIZATION.exec(header) ?? [];
  if (!accessKey || !day || !region || !signedHeaders || !signature) {
    throw new S3Error(
      'AuthorizationHeaderMalformed',
      'Expected AWS4-HMAC-SHA256 with Credential (service s3), SignedHeaders and Signature.',
    );
  }
  return { accessKey, day, region, signedHeaders: signedHeaders.split(';'), signature };
}

/** Epoch milliseconds of `x-amz-date` (`20261123T063110Z`). */
function signingTime(date: string | undefined, day: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/
    .exec(date ?? '')
    ?.slice(1)
    .map(Number);
  if (parts === undefined) throw new S3Error('AccessDenied', 'Expected x-amz-date as YYYYMMDDTHHMMSSZ.');
  const [year = 0, month = 0, dayOfMonth = 0, hour = 0, minute = 0, second = 0] = parts;
  if (!date?.startsWith(day)) {
    throw new S3Error('AuthorizationHeaderMalformed', 'The day of the credential is not the day of x-amz-date.');
  }
  return Date.UTC(year, month - 1, dayOfMonth, hour, minute, second);
}

async function signatureOf(
  request: SignedRequest,
  by: Authorization & { readonly secret: string; readonly host: string; readonly signedAt: number },
): Promise<string> {
  const headers: Record<string, string> = {};
  for (const name of by.signedHeaders) {
    const value = name === 'host' ? by.host : one(request.headers[name]);
    if (value !== undefined) headers[name] = value;
  }
  const signer = new SignatureV4({
    credentials: { accessKeyId: by.accessKey, secretAccessKey: by.secret },
    region: by.region,
    service: 's3',
    sha256: Sha256,
    // S3 signs the path as sent, not encoded a second time.
    uriEscapePath: false,
    applyChecksum: false,
  });
  const { method, path } = request;
  const query = Object.fromEntries(queryOf(request.query));
  const signed = await signer.sign(
    { method, protocol: 'https:', hostname: by.host, path, query, headers },
    { signingDate: new Date(by.signedAt), signableHeaders: new Set(by.signedHeaders) },
  );
  return /Signature=([0-9a-f]{64})$/.exec(signed.headers.authorization ?? '')?.[1] ?? '';
}

/** Names with all their values, decoded. */
function queryOf(query: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query)) {
    const list = values.get(name);
    if (list === undefined) values.set(name, [value]);
    else list.push(value);
  }
  return values;
}

function one(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.join(',');
}

type HashInput = string | ArrayBuffer | ArrayBufferView;

/** SHA-256 and HMAC-SHA-256 in the shape that the signer asks for. */
class Sha256 {
  readonly #secret: HashInput | undefined;
  #hash: Hash | Hmac;

  constructor(secret?: HashInput) {
    this.#secret = secret;
    this.#hash = newHash(secret);
  }

  update(data: HashInput): void {
    this.#hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    this.#hash = newHash(this.#secret);
  }
}

function newHash(secret: HashInput | undefined): Hash | Hmac {
  return secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
}

function bytesOf(data: HashInput): Uint8Array | string {
  if (typeof data === 'string') return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return new Uint8Array(data);
}
