import { timingSafeEqual } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { HttpRefusal } from './httpRefusal.ts';

/** Either way, as Standard Webhooks 1.0 recommends: older deliveries may be replays, newer ones have a broken clock. */
export const SIGNATURE_TOLERANCE_SECONDS = 300;

/** Of Standard Webhooks 1.0: shorter secrets can be guessed. */
const MIN_SECRET_BYTES = 24;

/** Two signatures are sent while a secret is rotated; a long list only costs time. */
const MAX_SIGNATURES = 8;

const SECONDS = /^\d{1,12}$/;
const DELIVERY_ID = /^[\x21-\x7e]{1,256}$/;

/** A configured secret that cannot be used; the message does not hold it. */
export class WebhookSecretError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WebhookSecretError';
  }
}

export interface SignatureHeaders {
  readonly id: string | undefined;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
}

/** Checks the signature of a body; rejects by throwing HttpRefusal 401. */
export type VerifySignature = (body: Buffer, headers: SignatureHeaders, now: number) => void;

/**
 * Verification by Standard Webhooks 1.0 with any of the secrets (two while they are rotated), over the bytes as they
 * came. The library signs and we compare: its own `verify` reads the machine's clock and takes `123abc` for a time.
 *
 * @throws WebhookSecretError when a secret is not `whsec_` and at least 24 bytes in base64.
 */
export function createVerifier(secrets: readonly string[]): VerifySignature {
  const signers = secrets.map(signer);
  if (signers.length === 0) throw new WebhookSecretError('expected at least one secret');
  return (body, { id, timestamp, signature }, now) => {
    if (id === undefined || timestamp === undefined || signature === undefined) {
      throw new HttpRefusal(
        'signature_missing',
        'expected the headers webhook-id, webhook-timestamp and webhook-signature',
      );
    }
    if (!DELIVERY_ID.test(id) || !SECONDS.test(timestamp)) {
      throw new HttpRefusal(
        'signature_invalid',
        'expected webhook-timestamp in whole seconds and a visible webhook-id',
      );
    }
    if (Math.abs(Math.floor(now / 1000) - Number(timestamp)) > SIGNATURE_TOLERANCE_SECONDS) {
      throw new HttpRefusal(
        'signature_stale',
        `expected webhook-timestamp within ${SIGNATURE_TOLERANCE_SECONDS} s of this server's clock`,
        'check both clocks; sign again for every try',
      );
    }
    const given = signature.split(' ', MAX_SIGNATURES).filter((one) => one.startsWith('v1,'));
    const at = new Date(Number(timestamp) * 1000);
    const isSigned = signers.some((webhook) => {
      const expected = Buffer.from(webhook.sign(id, at, body));
      return given.some((one) => isEqual(Buffer.from(one), expected));
    });
    if (!isSigned) {
      throw new HttpRefusal(
        'signature_invalid',
        'no signature v1 of this body by a configured secret',
        'sign the bytes as sent',
      );
    }
  };
}

function signer(secret: string): Webhook {
  const text = secret.startsWith('whsec_') ? secret.slice('whsec_'.length) : secret;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || Buffer.from(text, 'base64').length < MIN_SECRET_BYTES) {
    throw new WebhookSecretError(`expected whsec_ and at least ${MIN_SECRET_BYTES} random bytes in base64`);
  }
  try {
    return new Webhook(text);
  } catch {
    throw new WebhookSecretError('expected base64 with padding after whsec_');
  }
}

function isEqual(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
