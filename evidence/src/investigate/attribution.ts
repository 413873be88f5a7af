import { type Combination, type Evidence, type KnownChange, touchedBy } from './evidence.ts';
import type { Family } from './signatures.ts';
import { type Touch, touchesAttempt } from './touch.ts';

/** By combination: whether a touch holds, and which of its failures may be blamed on what is touched. */
export interface Attribution {
  readonly treated: Uint8Array;
  /** Signature of the end, or -1. */
  readonly ended: Int16Array;
  /** Signatures of failed attempts at what is touched, but for the one of the end, where there are any. */
  readonly tried: ReadonlyMap<number, readonly number[]>;
}

const NONE: readonly number[] = [];
/** What a group answers when something is wrong with one of its targets, before any attempt. */
const OF_TARGETS: ReadonlySet<Family> = new Set<Family>(['routing', 'invalid_request', 'not_found', 'gateway_config']);

function endIsOf(touch: Touch, { shape, result }: Combination, family: Family): boolean {
  const { targets } = touch;
  if (targets === undefined) return true;
  const last = result.attempts.at(-1);
  if (last !== undefined && last.outcome !== 'success') return touchesAttempt(touch, last);
  // A refusal before any attempt is about the model that was asked for.
  return (shape.requestedModel !== undefined && targets.names.has(shape.requestedModel)) || OF_TARGETS.has(family);
}

/**
 * A failed attempt counts against what it was made at, and not against other targets of the same group, as far as the
 * record tells.
 */
export function attribute(evidence: Evidence, known: KnownChange, touch: Touch): Attribution {
  const touched = touchedBy(evidence, known);
  const { combinations, signatures } = evidence;
  const treated = new Uint8Array(combinations.length);
  const ended = new Int16Array(combinations.length).fill(-1);
  const tried = new Map<number, readonly number[]>();
  for (let number = 0; number < combinations.length; number++) {
    const combination = combinations[number];
    if (touched[number] !== 1 || combination === undefined) continue;
    const { result, resultNumber } = combination;
    treated[number] = 1;
    const end = signatures.ended[resultNumber] ?? -1;
    if (end >= 0 && endIsOf(touch, combination, signatures.signatures[end]?.family ?? 'other')) ended[number] = end;
    const all = signatures.tried[resultNumber] ?? NONE;
    if (all.length === 0) continue;
    const numbers = signatures.ofAttempts[resultNumber] ?? NONE;
    const own = new Set(numbers.filter((_, place) => touchesAttempt(touch, result.attempts[place] ?? {})));
    const blamed = all.filter((signature) => signature !== end && own.has(signature));
    if (blamed.length > 0) tried.set(number, blamed);
  }
  return { treated, ended, tried };
}
