import type { S3Client } from '@aws-sdk/client-s3';
import type { ListedObject } from './bucketMemory.ts';

export interface BucketSettings {
  /** Absent: Amazon's own for the region. */
  readonly endpoint?: string;
  readonly region: string;
  readonly bucket: string;
  /** Absent: the S3 client's own chain (environment, profile, role of the machine or pod). */
  readonly credentials?: { readonly id: string; readonly secret: string; readonly sessionToken?: string };
  /** `https://endpoint/bucket/key` in place of `https://bucket.endpoint/key`. */
  readonly forcePathStyle: boolean;
}

export interface BucketPage {
  readonly objects: readonly ListedObject[];
  /** Hand it to the next `list`; absent on the last page. */
  readonly next?: string;
}

/** The two calls that following needs. Errors are those of the S3 client (`bucketFaultOf` names them). */
export interface BucketClient {
  /** Objects whose key starts with `prefix`, in order of key, up to 1000 at a time. */
  list(prefix: string, next: string | undefined, signal: AbortSignal): Promise<BucketPage>;
  /** All bytes of an object. @throws ObjectTooLargeError */
  read(key: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array>;
  close(): void;
}

export type CreateBucketClient = (settings: BucketSettings) => BucketClient;

/** The object holds more than was allowed; nothing of it is kept. */
export class ObjectTooLargeError extends Error {
  readonly code = 'object_too_large';

  constructor(maxBytes: number) {
    super(`the object is larger than ${maxBytes} bytes`);
    this.name = 'ObjectTooLargeError';
  }
}

/** A store that does not answer must not hold up the follower for long; its next poll tries again. */
const CONNECT_TIMEOUT_MILLIS = 5000;
const ANSWER_TIMEOUT_MILLIS = 30_000;
/** The follower has its own, slower retries. */
const TRIES = 2;

/** Talks to S3 and what imitates it. The client library is loaded when it is first needed: it costs 35 MB. */
export const createS3BucketClient: CreateBucketClient = ({ endpoint, region, bucket, credentials, forcePathStyle }) => {
  let client: S3Client | undefined;
  let closed = false;

  async function s3() {
    const library = await import('@aws-sdk/client-s3');
    if (closed) throw new Error('closed');
    client ??= new library.S3Client({
      region,
      forcePathStyle,
      maxAttempts: TRIES,
      // Checksums beyond the signature are Amazon's own; other stores refuse or ignore them, and gzip has its own.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: {
        connectionTimeout: CONNECT_TIMEOUT_MILLIS,
        requestTimeout: ANSWER_TIMEOUT_MILLIS,
        socketTimeout: ANSWER_TIMEOUT_MILLIS,
      },
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(credentials === undefined
        ? {}
        : {
            credentials: {
              accessKeyId: credentials.id,
              secretAccessKey: credentials.secret,
              ...(credentials.sessionToken === undefined ? {} : { sessionToken: credentials.sessionToken }),
            },
          }),
    });
    return { client, library };
  }

  return {
    async list(prefix, next, abortSignal) {
      const { client, library } = await s3();
      const page = await client.send(
        new library.ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: next }),
        { abortSignal },
      );
      const objects: ListedObject[] = [];
      for (const { Key, Size, LastModified } of page.Contents ?? []) {
        if (Key !== undefined) objects.push({ key: Key, size: Size ?? 0, modifiedAt: LastModified?.getTime() ?? 0 });
      }
      const more = page.IsTruncated === true ? page.NextContinuationToken : undefined;
      return more === undefined ? { objects } : { objects, next: more };
    },
    async read(key, maxBytes, abortSignal) {
      const { client, library } = await s3();
      const answer = await client.send(new library.GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal });
      const parts: Uint8Array[] = [];
      let bytes = 0;
      // In Node the body is a readable stream; leaving the loop early destroys it and its socket.
      for await (const part of (answer.Body ?? []) as AsyncIterable<Uint8Array>) {
        abortSignal.throwIfAborted();
        bytes += part.length;
        if (bytes > maxBytes) throw new ObjectTooLargeError(maxBytes);
        parts.push(part);
      }
      if (answer.ContentLength !== undefined && bytes !== answer.ContentLength) {
        // A cut connection is the network's fault, so it is tried again.
        throw Object.assign(new Error('the answer ended early'), { code: 'ECONNRESET' });
      }
      return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
    },
    close() {
      closed = true;
      client?.destroy();
    },
  };
};
