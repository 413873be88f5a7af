import type { GatewayRequest } from '../../../model/request.ts';
import type { RequestVersion } from '../../store.ts';
import { TICKS_PER_MILLI } from '../sql/columns.ts';
import { identityOf, requestKey } from './requestKey.ts';
import { fitRequest } from './requestShape.ts';

const DAY_MICROS = 86_400_000_000;

/** A version ready to be staged: one line of JSON, and what decides where it goes. */
export interface StagedVersion {
  readonly identity: string;
  readonly seq: number;
  readonly open: boolean;
  readonly revision: number;
  readonly startMicros: number;
  /** UTC day of the start, days since 1970. */
  readonly day: number;
  /** All of the line but its number: `{"i":` + number + this. */
  readonly rest: string;
}

export interface EncodeOptions {
  readonly hash: (text: string) => string;
}

/** JSON text in which something may stand that no column can hold: escaped NULs and halves of surrogate pairs. */
const SUSPECT = /\\u(?:0000|d[89a-f])/i;

export function encodeVersion({ seq, json }: RequestVersion, { hash }: EncodeOptions): StagedVersion {
  const given = JSON.parse(json) as GatewayRequest;
  const { request, exact } = fitRequest(given);
  const regular = exact && !SUSPECT.test(json);
  const identity = identityOf(given);
  const { k1, k2 } = requestKey(given, identity);
  const startMicros = Math.round(request.startTime * 1000);
  const fine = request.startTime * TICKS_PER_MILLI - Math.round(startMicros * 4.096);
  const hashed = (name: string, value: string | undefined) =>
    value === undefined ? '' : `,"${name}":${JSON.stringify(hash(value))}`;
  const rest =
    `,"k1":${k1},"k2":${k2},"seq":${seq},"us":${startMicros},"fine":${fine}` +
    hashed('hs', given.jwt?.subject) +
    hashed('ha', given.client?.address) +
    hashed('hu', given.client?.userAgent) +
    hashed('hi', given.client?.identity) +
    (regular ? `,"r":${json}}\n` : `,"o":${JSON.stringify(json)},"r":${JSON.stringify(request)}}\n`);
  return {
    identity,
    seq,
    open: request.state === 'open',
    revision: request.revision,
    startMicros,
    day: Math.floor(startMicros / DAY_MICROS),
    rest,
  };
}
