import { createHash, createHmac } from 'node:crypto';

/** What goes into a signature by hand; written from the published steps, so that it is no copy of what it tests. */
export interface ToSign {
  readonly method?: string;
  /** Path as sent. */
  readonly path: string;
  readonly query?: string;
  readonly host: string;
  readonly body: Uint8Array | string;
  readonly at: number;
  readonly accessKey?: string;
  readonly secret?: string;
  readonly region?: string;
  /** Instead of the hash of the body. */
  readonly contentSha256?: string;
  readonly extraHeaders?: Readonly<Record<string, string>>;
}

/** Headers of a signed request. */
export function signed(request: ToSign): Record<string, string> {
  const { method = 'PUT', path, query = '', host, at, accessKey = 'AKIDEXAMPLE', secret = 'secretexample' } = request;
  const { region = 'us-east-1', extraHeaders = {} } = request;
  const date = new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');
  const day = date.slice(0, 8);
  const hash = request.contentSha256 ?? sha256(request.body);
  const headers: Record<string, string> = { host, 'x-amz-content-sha256': hash, 'x-amz-date': date, ...extraHeaders };
  const names = Object.keys(headers).sort();
  const canonicalQuery = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
    .sort()
    .join('&');
  const canonical = [
    method,
    path,
    canonicalQuery,
    ...names.map((name) => `${name}:${headers[name]?.trim()}`),
    '',
    names.join(';'),
    hash,
  ].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const key = [day, region, 's3', 'aws4_request'].reduce<Buffer>(
    (previous, part) => hmac(previous, part),
    Buffer.from(`AWS4${secret}`),
  );
  const signature = hmac(key, toSign).toString('hex');
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  };
}

function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
