import { S3Error } from './s3Errors.ts';

/** Which uploads belong to which environment. */
export interface BucketRule {
  readonly bucket: string;
  /** Without slashes at either end; empty takes the whole bucket. */
  readonly prefix: string;
  readonly environment: string;
  readonly dataPlane?: string;
}

/** `/{bucket}` or `/{bucket}/{key…}`, decoded. The key is only ever compared with prefixes, never used as a path. */
export interface ObjectPlace {
  readonly bucket: string;
  /** Empty for the bucket itself. */
  readonly key: string;
}

/** S3's own limit, in bytes of UTF-8. */
const MAX_KEY_BYTES = 1024;

/**
 * Splits and decodes a raw path.
 *
 * @throws S3Error `InvalidURI` for a path that is not percent-encoded UTF-8, a key of more than 1,024 bytes, or one with
 *   a segment `.` or `..` or a control character: no gateway writes those, and whoever reads the key elsewhere (a proxy,
 *   a tool that copies objects to files) may take it for another place than the prefix it was let in by.
 */
export function objectPlaceOf(rawPath: string): ObjectPlace {
  const slash = rawPath.indexOf('/', 1);
  const end = slash < 0 ? rawPath.length : slash;
  const bucket = decoded(rawPath.slice(1, end));
  const key = decoded(rawPath.slice(end + 1));
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new S3Error('InvalidURI', 'The key is longer than 1,024 bytes.');
  if (/\p{Cc}/u.test(key)) throw new S3Error('InvalidURI', 'The key has a control character.');
  if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(key)) throw new S3Error('InvalidURI', 'The key has a segment "." or "..".');
  return { bucket, key };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error('InvalidURI', 'The path is not percent-encoded UTF-8.');
  }
}

/** The rule of a key: the longest prefix of its bucket, matched by whole path segments. */
export class BucketRules {
  readonly #byBucket = new Map<string, BucketRule[]>();

  constructor(rules: readonly BucketRule[]) {
    for (const rule of rules) {
      const prefix = rule.prefix.replace(/^\/+|\/+$/g, '');
      const list = this.#byBucket.get(rule.bucket) ?? [];
      list.push({ ...rule, prefix });
      list.sort((left, right) => right.prefix.length - left.prefix.length);
      this.#byBucket.set(rule.bucket, list);
    }
  }

  has(bucket: string): boolean {
    return this.#byBucket.has(bucket);
  }

  /** Undefined when no prefix of the bucket fits the key. */
  find({ bucket, key }: ObjectPlace): BucketRule | undefined {
    return this.#byBucket.get(bucket)?.find(({ prefix }) => prefix === '' || key.startsWith(`${prefix}/`));
  }
}
