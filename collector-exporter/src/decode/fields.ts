import type { AttemptKind } from '@aisix-observability/evidence';
import { withoutSecrets } from '@aisix-observability/evidence';
import type { UsageReport } from '../report.ts';
import { isStatusCode } from './identity.ts';
import {
  MAX_AMOUNT,
  MAX_COUNT,
  MAX_ERROR_MESSAGE_LENGTH,
  MAX_LABEL_LENGTH,
  MAX_LIST_ITEMS,
  MAX_TRACE_STATE_LENGTH,
  MAX_USER_AGENT_LENGTH,
} from './limits.ts';
import { increase, type Tally } from './tally.ts';
import { cleanText, cutText, isWithin } from './text.ts';

/**
 * Takes one value from the wire. Undefined leaves the field out: because it is empty, or because it has the wrong
 * type, which is counted under `name` (the name on the wire).
 */
export type ReadField<T> = (value: unknown, name: string, tally: Tally) => T | undefined;

/** Elements of the lists that a report holds. */
export type GuardrailUse = NonNullable<UsageReport['appliedGuardrails']>[number];
export type GuardrailHit = NonNullable<UsageReport['guardrailHits']>[number];

function drop(name: string, tally: Tally): undefined {
  increase(tally.dropped, name);
  return undefined;
}

/** An id is taken whole or not at all: a cut one would name something else. */
export const id: ReadField<string> = (value, name, tally) => {
  if (value === '') return undefined;
  if (typeof value !== 'string' || value.length > MAX_LABEL_LENGTH) return drop(name, tally);
  return isWithin(value, 0x21, 0x7e) ? value : drop(name, tally);
};

function textOf(value: unknown, max: number, scan: boolean, name: string, tally: Tally): string | undefined {
  if (value === '') return undefined;
  if (typeof value !== 'string') return drop(name, tally);
  let text = value;
  if (text.length > max) {
    increase(tally.cut, name);
    text = cutText(text, max);
  }
  text = cleanText(text);
  if (scan) text = withoutSecrets(text, tally.secrets);
  return text === '' ? undefined : text;
}

/** A word that the gateway or its configuration chose. */
export const label: ReadField<string> = (value, name, tally) => textOf(value, MAX_LABEL_LENGTH, false, name, tally);

/** A word that the caller chose: scanned for secrets. */
export const callerText: ReadField<string> = (value, name, tally) => textOf(value, MAX_LABEL_LENGTH, true, name, tally);

export const userAgent: ReadField<string> = (value, name, tally) =>
  textOf(value, MAX_USER_AGENT_LENGTH, true, name, tally);

export const errorMessage: ReadField<string> = (value, name, tally) =>
  textOf(value, MAX_ERROR_MESSAGE_LENGTH, true, name, tally);

/** A count of which the gateway leaves out or zeroes what it did not measure. */
export const count: ReadField<number> = (value, name, tally) => {
  if (value === 0) return undefined;
  if (!isCount(value)) return drop(name, tally);
  return value;
};

/** A count that is always on the wire, so that 0 says something. */
export const countFromZero: ReadField<number> = (value, name, tally) => (isCount(value) ? value : drop(name, tally));

/** A positive amount with fractions. */
export const amount: ReadField<number> = (value, name, tally) => {
  if (value === 0) return undefined;
  if (typeof value !== 'number' || !(value > 0 && value <= MAX_AMOUNT)) return drop(name, tally);
  return value;
};

/** 0 to 1. */
export const similarity: ReadField<number> = (value, name, tally) =>
  typeof value === 'number' && value >= 0 && value <= 1 ? value : drop(name, tally);

/** A flag of which the gateway leaves out or writes `false` where it does not apply. */
export const flag: ReadField<boolean> = (value, name, tally) => {
  if (value === false) return undefined;
  return value === true ? true : drop(name, tally);
};

const ATTEMPT_KINDS: ReadonlyMap<unknown, AttemptKind> = new Map(
  (['initial', 'retry', 'fallback', 'panel', 'judge'] as const).map((kind) => [kind, kind]),
);

export const attemptKind: ReadField<AttemptKind> = (value, name, tally) => {
  if (value === '') return undefined;
  return ATTEMPT_KINDS.get(value) ?? drop(name, tally);
};

/** `[{kind, hook}]`. */
export const appliedGuardrails: ReadField<readonly GuardrailUse[]> = (value, name, tally) =>
  listOf(value, name, tally, (item) => {
    const kind = word(item.kind);
    const hook = word(item.hook);
    return kind === undefined || hook === undefined ? undefined : { kind, hook };
  });

/** `[{guardrail_name, hook, action, …}]`; what else an entry says is about the guardrail's inner workings. */
export const enforcedHits: ReadField<readonly GuardrailHit[]> = (value, name, tally) =>
  hits(value, name, tally, 'enforced');
export const monitorHits: ReadField<readonly GuardrailHit[]> = (value, name, tally) =>
  hits(value, name, tally, 'monitor');

function hits(value: unknown, name: string, tally: Tally, mode: GuardrailHit['mode']): GuardrailHit[] | undefined {
  return listOf(value, name, tally, (item) => {
    const guardrail = word(item.guardrail_name);
    const hook = word(item.hook);
    const action = word(item.action);
    if (guardrail === undefined || hook === undefined || action === undefined) return undefined;
    return { name: guardrail, hook, action, mode };
  });
}

/** `{detector: count}`. */
export const entityCounts: ReadField<Readonly<Record<string, number>>> = (value, name, tally) => {
  if (!isObject(value)) return drop(name, tally);
  const counts: Record<string, number> = {};
  let kept = 0;
  for (const detector of Object.keys(value)) {
    const found = value[detector];
    const key = word(detector);
    if (key === undefined || key === '__proto__' || !isCount(found) || kept >= MAX_LIST_ITEMS) drop(name, tally);
    else {
      counts[key] = found;
      kept += 1;
    }
  }
  return kept === 0 ? undefined : counts;
};

function listOf<T>(
  value: unknown,
  name: string,
  tally: Tally,
  read: (item: Record<string, unknown>) => T | undefined,
): T[] | undefined {
  if (!Array.isArray(value)) return drop(name, tally);
  const list: T[] = [];
  for (let at = 0; at < value.length && at < MAX_LIST_ITEMS; at += 1) {
    const item: unknown = value[at];
    const taken = isObject(item) ? read(item) : undefined;
    if (taken === undefined) drop(name, tally);
    else list.push(taken);
  }
  if (value.length > MAX_LIST_ITEMS) increase(tally.dropped, name, value.length - MAX_LIST_ITEMS);
  return list.length === 0 ? undefined : list;
}

function word(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = cleanText(cutText(value, MAX_LABEL_LENGTH));
  return text === '' ? undefined : text;
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_COUNT;
}

/** A JSON object that is not a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const statusCode: ReadField<number> = (value, name, tally) => (isStatusCode(value) ? value : drop(name, tally));

/** The first word of a list of words: the gateway wraps one word in a list. */
export const wordOfList: ReadField<string> = (value, name, tally) =>
  label(Array.isArray(value) ? value[0] : value, name, tally);

/** W3C trace state as it came, or not at all. */
export const traceState: ReadField<string> = (value, name, tally) => {
  if (value === '') return undefined;
  if (typeof value !== 'string' || value.length > MAX_TRACE_STATE_LENGTH) return drop(name, tally);
  return isWithin(value, 0x20, 0x7e) ? value : drop(name, tally);
};
