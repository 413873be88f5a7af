import { createHash } from 'node:crypto';
import type { ReadScope, RequestFilter, SearchPlace } from '@aisix-observability/evidence';
import { ApiError } from '../errors.ts';

/** What a cursor belongs to; going on with it makes sense for exactly this. */
export interface CursorQuery {
  readonly route: 'search' | 'tail' | 'markers';
  readonly scope: ReadScope;
  readonly filters: readonly RequestFilter[];
  readonly from?: number;
  readonly to?: number;
  readonly text?: string;
  readonly order?: string;
}

/** 64 bits: a mistake is found, and more is not at stake. */
const BINDING_BYTES = 8;

/**
 * Texts that say where an answer ended. A cursor gives no rights: who may see what is decided anew for each query, and
 * a cursor holds a place in an order and nothing else. That it fits the query is checked so that a client's mistake
 * is told and not answered with rows that are missing or there twice.
 */
function bindingOf({ route, scope, filters, from, to, text, order }: CursorQuery): Buffer {
  const visibility = Object.entries(scope.visibility).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const bound = [route, scope.environments.toSorted(), visibility, filters, from, to, text, order];
  return createHash('sha256').update(JSON.stringify(bound)).digest().subarray(0, BINDING_BYTES);
}

const encode = (query: CursorQuery, place: string): string =>
  Buffer.concat([bindingOf(query), Buffer.from(place)]).toString('base64url');

function decode(query: CursorQuery, cursor: string): string {
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes.length <= BINDING_BYTES || bytes.toString('base64url') !== cursor) throw cursorInvalid();
  if (!bytes.subarray(0, BINDING_BYTES).equals(bindingOf(query))) {
    throw new ApiError(
      'cursor_mismatch',
      'the cursor belongs to another query',
      'keep range, environment, filters, text and order the same while you page, or begin again without a cursor',
    );
  }
  return bytes.subarray(BINDING_BYTES).toString('latin1');
}

const cursorInvalid = () =>
  new ApiError('cursor_invalid', 'the cursor is none of this server', 'hand back `nextCursor` as it came');

const PLACE = /^(-?\d{1,17})\.(\d{1,20})$/;
const MAX_KEY = 2n ** 64n - 1n;

export function searchCursor(query: CursorQuery, { timeMicros, key }: SearchPlace): string {
  return encode(query, `${timeMicros}.${key}`);
}

/** @throws ApiError `cursor_invalid`, `cursor_mismatch` */
export function readSearchCursor(query: CursorQuery, cursor: string): SearchPlace {
  const [, time, key] = PLACE.exec(decode(query, cursor)) ?? [];
  if (time === undefined || key === undefined || BigInt(key) > MAX_KEY) throw cursorInvalid();
  return { timeMicros: Number(time), key };
}

/** Where a tail stands. */
export interface TailPlace {
  /** Position in the stream of requests. */
  readonly version: number;
  /** When everything up to it had been shown, epoch milliseconds. */
  readonly shownAt: number;
}

const TAIL_PLACE = /^(\d{1,15})\.(\d{1,15})$/;

export function tailCursor(query: CursorQuery, { version, shownAt }: TailPlace): string {
  return encode(query, `${version}.${Math.floor(shownAt)}`);
}

/** @throws ApiError `cursor_invalid`, `cursor_mismatch` */
export function readTailCursor(query: CursorQuery, cursor: string): TailPlace {
  const [, version, shownAt] = TAIL_PLACE.exec(decode(query, cursor)) ?? [];
  if (version === undefined || shownAt === undefined) throw cursorInvalid();
  return { version: Number(version), shownAt: Number(shownAt) };
}

/** For sources that have places of their own. */
export const placeCursor = encode;
export const readPlaceCursor = decode;
