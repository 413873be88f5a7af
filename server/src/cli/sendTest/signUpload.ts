import { createHash, createHmac } from 'node:crypto';
import type { AccessKeyConfig } from '../../config/config.ts';

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Uint8Array, data: string) => createHmac('sha256', key).update(data).digest();

export interface Upload {
  /** As it stands on the wire, percent-encoded. */
  readonly path: string;
  readonly host: string;
  readonly body: Uint8Array;
  /** Epoch milliseconds. */
  readonly at: number;
}

const REGION = 'us-east-1';

/**
 * Headers of one `PutObject` signed with AWS Signature Version 4, with the same signed headers as the gateway's
 * exporter uses (host, content hash, date).
 */
export function signUpload({ path, host, body, at }: Upload, key: AccessKeyConfig): Readonly<Record<string, string>> {
  const date = new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const day = date.slice(0, 8);
  const hash = sha256(body);
  const signed = { host, 'x-amz-content-sha256': hash, 'x-amz-date': date };
  const names = Object.keys(signed).join(';');
  const headerLines = Object.entries(signed).map(([name, value]) => `${name}:${value}\n`);
  const canonical = ['PUT', path, '', headerLines.join(''), names, hash].join('\n');
  const scope = `${day}/${REGION}/s3/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const signingKey = [REGION, 's3', 'aws4_request'].reduce<Uint8Array>(hmac, hmac(`AWS4${key.secret}`, day));
  const signature = createHmac('sha256', signingKey).update(toSign).digest('hex');
  const credential = `${key.id}/${scope}`;
  return {
    ...signed,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
  };
}
