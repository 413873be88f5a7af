import { hash } from 'node:crypto';
import type { GatewayRequest } from '../../../model/request.ts';

/** Key of a request in two halves: the first tells request ids apart, both together requests. */
export interface RequestKey {
  readonly k1: number;
  readonly k2: number;
}

/** First half of the key, by environment and request id alone, so that an id is found without its trace. */
export function idKey(environment: string, requestId: string): number {
  return half(JSON.stringify([environment, requestId]));
}

/**
 * The key of an identity (`identityOf`). Callers choose ids and so may make two keys equal: whatever finds by key
 * compares the identity as well.
 */
export function requestKey(request: GatewayRequest, identity: string): RequestKey {
  return { k1: idKey(request.environment, request.requestId), k2: half(identity) };
}

/** What names a request, as one text. */
export function identityOf({ environment, requestId, traceId, n }: GatewayRequest): string {
  return JSON.stringify([environment, requestId, traceId ?? null, n]);
}

/** 32 bits of a SHA-256. */
function half(text: string): number {
  return Number.parseInt(hash('sha256', text, 'hex').slice(0, 8), 16);
}

/** Both halves as the decimal text of one number of 64 bits, which orders as they do. */
export function keyText({ k1, k2 }: RequestKey): string {
  return ((BigInt(k1) << 32n) | BigInt(k2)).toString();
}

export function keyOfText(key: string): RequestKey {
  const value = BigInt(key);
  return { k1: Number(value >> 32n), k2: Number(value & 0xffff_ffffn) };
}
