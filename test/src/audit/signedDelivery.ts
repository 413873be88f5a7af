import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

export const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** Posts a body as a sender of Standard Webhooks does. */
export function postSigned(
  url: string,
  body: unknown,
  options: { readonly secret?: string; readonly contentType?: string; readonly id?: string } = {},
): Promise<Response> {
  const { secret = WEBHOOK_SECRET, contentType = 'application/json', id = `msg_${randomUUID()}` } = options;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const at = new Date();
  return fetch(url, {
    method: 'POST',
    headers: {
      'content-type': contentType,
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, at, text),
    },
    body: text,
  });
}
