import { hash } from 'node:crypto';
import type { RequestIds } from './foldRequest.ts';

/** Text that names the three ids without ambiguity: a request id holds no control characters (facts A.2). */
export function requestKeyText({ environment, requestId, traceId }: RequestIds): string {
  return `${environment}\n${requestId}\n${traceId ?? ''}`;
}

/** 64 bits of it, under which a stream finds the versions of a request again; collisions are told apart by the text. */
export function requestKey(text: string): bigint {
  return hash('sha256', text, 'buffer').readBigInt64BE(0);
}
