import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

export interface UploadToSign {
  /** Raw path, percent-encoded as it goes on the wire (`/bucket/prefix/dt%3D…/hh%3D…/name.ndjson.gz`). */
  readonly url: string;
  readonly body: Uint8Array;
  readonly accessKey: string;
  readonly secret: string;
  readonly region: string;
  /** Signing time. */
  readonly date: Date;
  /** `host:port` as the server will see it. */
  readonly host: string;
}

type SourceData = string | ArrayBuffer | ArrayBufferView;

/** SHA-256 and HMAC-SHA-256 in the shape that the signer asks for. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: SourceData) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(data: SourceData): void {
    this.#hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error('A digest is used once.');
  }
}

function bytesOf(data: SourceData): Uint8Array | string {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

/**
 * Headers of one object PUT as the data plane's `object_store` exporter signs it: path style, the path signed as it
 * stands (one round of percent-encoding), signed headers `host;x-amz-content-sha256;x-amz-date`, and the true hash of
 * the body. Reproduces every signature of the recorded stories.
 */
export async function signUpload(upload: UploadToSign): Promise<Record<string, string>> {
  const signer = new SignatureV4({
    credentials: { accessKeyId: upload.accessKey, secretAccessKey: upload.secret },
    region: upload.region,
    service: 's3',
    sha256: Sha256,
    // Like S3 itself: the path goes into the signature as sent, not encoded a second time.
    uriEscapePath: false,
  });
  const signed = await signer.sign(
    {
      method: 'PUT',
      protocol: 'http:',
      hostname: upload.host,
      path: upload.url,
      headers: { host: upload.host, 'x-amz-content-sha256': createHash('sha256').update(upload.body).digest('hex') },
      body: upload.body,
    },
    { signingDate: upload.date },
  );
  return {
    ...signed.headers,
    'content-length': String(upload.body.byteLength),
    accept: '*/*',
    'user-agent': 'object_store/0.13.2',
  };
}
