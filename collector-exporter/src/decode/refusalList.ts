import type { Refusal } from '../report.ts';
import type { DecodeContext } from './context.ts';
import type { Fault } from './identity.ts';
import { MAX_REFUSALS_LISTED, MAX_REFUSED_RECORDS } from './limits.ts';
import { refusedRecord } from './refused.ts';
import { increase, type Tally } from './tally.ts';

/** Refusals of one decoding: all counted, the first ones listed, the very first ones kept as masked records. */
export class RefusalList {
  readonly listed: Refusal[] = [];
  count = 0;
  readonly #ctx: DecodeContext;
  readonly #tally: Tally;
  #records = 0;

  constructor(ctx: DecodeContext, tally: Tally) {
    this.#ctx = ctx;
    this.#tally = tally;
  }

  /** `bytes` gives what was refused, and is asked only when a record of it is kept; `weight` spans for a scope. */
  add(index: number, fault: Fault, bytes: () => Uint8Array | string | undefined, weight = 1): void {
    this.count += weight;
    increase(this.#tally.refused, fault.code, weight);
    if (this.listed.length < MAX_REFUSALS_LISTED) {
      this.listed.push({ index, code: fault.code, message: fault.message });
    }
    const { keepRefused, input, now } = this.#ctx;
    if (keepRefused === undefined || this.#records >= MAX_REFUSED_RECORDS) return;
    this.#records += 1;
    const kept = bytes();
    if (kept !== undefined) keepRefused(refusedRecord({ input, at: now, code: fault.code, bytes: kept }));
  }
}

/** JSON of an already parsed value; undefined when it nests too deep to be written. */
export function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
