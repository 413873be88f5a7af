import { Webhook } from 'standardwebhooks';

export const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes ...').toString('base64')}`;
export const OLD_SECRET = `whsec_${Buffer.from('an old secret, thirty-two bytes.').toString('base64')}`;

export function signature(secret: string, id: string, at: number, body: string | Buffer): string {
  return new Webhook(secret).sign(id, new Date(at), body);
}

interface Post {
  readonly at: number;
  readonly body: unknown;
  readonly id?: string;
  readonly secret?: string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** A signed delivery; texts and bytes go as they are, anything else as JSON. `headers` replace or (undefined) remove. */
export function signedPost({
  at,
  body,
  id = 'msg_1',
  secret = SECRET,
  contentType = 'application/json',
  headers = {},
}: Post) {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const all = {
    'content-type': contentType,
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at / 1000)),
    'webhook-signature': signature(secret, id, at, bytes),
    ...headers,
  };
  return {
    method: 'POST',
    headers: Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined),
    body: new Uint8Array(bytes),
  };
}
