import { createHash, timingSafeEqual } from 'node:crypto';

/** Of equal length whatever the secret is, so that two can be compared in constant time. */
export const digestOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Compares without telling by its time how much of it was right. */
export const isSame = (digest: Buffer, other: Buffer): boolean => timingSafeEqual(digest, other);
