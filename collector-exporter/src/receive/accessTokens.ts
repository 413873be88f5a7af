import { createHash, timingSafeEqual } from 'node:crypto';

/** A bearer token and what may be posted with it. */
export interface InputToken {
  readonly token: string;
  readonly environment: string;
  readonly dataPlane?: string;
}

/** Longer ones are no tokens of ours, and need not be hashed. */
const MAX_TOKEN_LENGTH = 4096;

/**
 * Finds what a bearer token stands for. Compares digests, all of them, so that the time says nothing about how much
 * of a token was right or which one it was.
 */
export class AccessTokens<T extends InputToken = InputToken> {
  readonly #entries: readonly { readonly digest: Buffer; readonly token: T }[];

  constructor(tokens: readonly T[]) {
    this.#entries = tokens.map((token) => ({ digest: digestOf(token.token), token }));
  }

  /** All configured entries for the token of an `Authorization` header; empty when there is none. */
  find(authorization: string | undefined): readonly T[] {
    const presented = bearerOf(authorization);
    if (presented === undefined) return [];
    const digest = digestOf(presented);
    return this.#entries.filter((entry) => timingSafeEqual(entry.digest, digest)).map((entry) => entry.token);
  }
}

/** The token of `Bearer <token>`; undefined for anything else. */
export function bearerOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization.length > MAX_TOKEN_LENGTH) return undefined;
  return /^bearer +([^\s]+) *$/i.exec(authorization)?.[1];
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
