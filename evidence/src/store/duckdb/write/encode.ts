import type { GatewayRequest } from '../../../model/request.ts';
import { type Grounds, groundsOf, mayForget } from '../../forgetting.ts';
import type { RequestVersion } from '../../store.ts';
import { FLAGS, TICKS_PER_MILLI } from '../sql/columns.ts';
import { isFailed } from '../sql/failed.ts';
import { identityOf, requestKey } from './requestKey.ts';
import { fitRequest } from './requestShape.ts';

const DAY_MICROS = 86_400_000_000;

/** A version ready to be staged: one line of JSON, and what decides where it goes. */
export interface StagedVersion {
  readonly identity: string;
  readonly seq: number;
  readonly open: boolean;
  /** Which table of its day it goes to. */
  readonly failed: boolean;
  readonly revision: number;
  /** Present where its maker may have forgotten what was known of the request. */
  readonly grounds: Grounds | undefined;
  readonly startMicros: number;
  /** UTC day of the start, days since 1970. */
  readonly day: number;
  /** First half of its key. */
  readonly k1: number;
  readonly line: string;
}

export interface EncodeOptions {
  readonly hash: (text: string) => string;
}

/** JSON text in which something may stand that no column can hold: escaped NULs and halves of surrogate pairs. */
const SUSPECT = /\\u(?:0000|d[89a-f])/i;

/** Forms in which the engine writes ids of 128 bits just as they came. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TRACE_HEX = /^[0-9a-f]{32}$/;

export function encodeVersion({ seq, json, knownFrom }: RequestVersion, { hash }: EncodeOptions): StagedVersion {
  const given = JSON.parse(json) as GatewayRequest;
  const { request, exact } = fitRequest(given);
  const regular = exact && !(json.includes('\\u') && SUSPECT.test(json));
  const identity = identityOf(given);
  const { k1, k2 } = requestKey(given, identity);
  const startMicros = Math.round(request.startTime * 1000);
  const fine = request.startTime * TICKS_PER_MILLI - Math.round(startMicros * 4.096);
  const hashed = (name: string, value: string | undefined) =>
    value === undefined ? '' : `,"${name}":${JSON.stringify(hash(value))}`;
  const flags =
    (UUID.test(request.requestId) ? FLAGS.uuid : 0) |
    (request.traceId !== undefined && TRACE_HEX.test(request.traceId) ? FLAGS.traceHex : 0) |
    (sameTokens(request) ? FLAGS.sameTokens : 0);
  const line =
    `{"k1":${k1},"k2":${k2},"seq":${seq},"us":${startMicros},"fine":${fine},"flags":${flags}` +
    hashed('hs', given.jwt?.subject) +
    hashed('ha', given.client?.address) +
    hashed('hu', given.client?.userAgent) +
    hashed('hi', given.client?.identity) +
    rest(request) +
    (regular ? `,"r":${json}}\n` : `,"o":${JSON.stringify(json)},"r":${JSON.stringify(request)}}\n`);
  return {
    identity,
    k1,
    seq,
    open: request.state === 'open',
    failed: isFailed(request),
    revision: request.revision,
    grounds: mayForget(given, knownFrom) ? groundsOf(given) : undefined,
    startMicros,
    day: Math.floor(startMicros / DAY_MICROS),
    line,
  };
}

/** Members that few requests have: kept as JSON text. */
const REST = [
  'usageEstimated',
  'audioDurationSeconds',
  'mcp',
  'a2a',
  'passthroughRoute',
  'authType',
  'parent',
  'exportedTraceIds',
  'extra',
] as const satisfies readonly (keyof GatewayRequest)[];

function rest(request: GatewayRequest): string {
  const members = REST.flatMap((key) => {
    const value = request[key];
    return value === undefined ? [] : [`"${key}":${JSON.stringify(value)}`];
  });
  return members.length === 0 ? '' : `,"rest":${JSON.stringify(members.join(','))}`;
}

function sameTokens({ tokens: ofRequest, attempts: [first] }: GatewayRequest): boolean {
  const ofAttempt = first?.tokens;
  if (ofRequest === undefined || ofAttempt === undefined) return false;
  return (['input', 'output', 'cacheRead', 'cacheWrite', 'reasoning'] as const).every(
    (key) => ofRequest[key] === ofAttempt[key],
  );
}
