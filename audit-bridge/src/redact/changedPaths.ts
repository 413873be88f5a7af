import type { ChangedPath } from '@aisix-observability/evidence';
import { anyJson, hashedValue } from './keyedHash.ts';
import { holdsHidden, isOverfull, isRecord, type RedactContext, redactValue, safeKey } from './redactValue.ts';
import { type Rule, ruleAt, secret } from './rule.ts';

/** People change a handful of values at a time; beyond this only the fields of the resource are named. */
export const MAX_CHANGED_PATHS = 200;

/** Deeper than any document that `redactValue` shows. */
const MAX_DEPTH = 16;

/**
 * What differs between two documents, found on the real values and told in redacted ones. Objects are followed to
 * their fields; so are lists of objects of equal length; any other list counts as one value. A side that lacks a value
 * lacks `before` or `after`. Where both sides look the same because what differs is not shown (the query of a URL), the
 * hashes of the real values stand instead.
 */
export function changedPaths(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  rule: Rule,
  context: RedactContext,
): ChangedPath[] {
  const all = compare({ before, after, rule, context, depth: MAX_DEPTH });
  if (all.length <= MAX_CHANGED_PATHS) return all;
  const fields = compare({ before, after, rule, context, depth: 1 });
  if (fields.length <= MAX_CHANGED_PATHS) return fields;
  return [changedPath('', before, after, secret, context)];
}

interface Comparison {
  readonly before: unknown;
  readonly after: unknown;
  readonly rule: Rule;
  readonly context: RedactContext;
  /** Levels that may still be followed. */
  readonly depth: number;
  readonly path?: string;
}

function compare({ before, after, rule, context, depth, path = '' }: Comparison): ChangedPath[] {
  if (isSame(before, after)) return [];
  if (depth > 0) {
    const within = (key: string, sides: { readonly before: unknown; readonly after: unknown }): ChangedPath[] =>
      compare({
        ...sides,
        rule: ruleAt(rule, key),
        context,
        depth: depth - 1,
        path: `${path}/${escaped(safeKey(key, rule, context))}`,
      });
    if (isRecord(before) && isRecord(after) && hasInside(rule) && !isOverfull(before, after)) {
      const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
      return keys.flatMap((key) => within(key, { before: own(before, key), after: own(after, key) }));
    }
    if (isComparableList(before) && isComparableList(after) && before.length === after.length && hasInside(rule)) {
      return before.flatMap((item, index) => within(String(index), { before: item, after: after[index] }));
    }
  }
  return [changedPath(path, before, after, rule, context)];
}

/** One change of a value, as told by a sender or found by comparing; `path` is safe already. */
export function changedPath(
  path: string,
  before: unknown,
  after: unknown,
  rule: Rule,
  context: RedactContext,
): ChangedPath {
  let shownBefore = before === undefined ? undefined : redactValue(before, rule, context);
  let shownAfter = after === undefined ? undefined : redactValue(after, rule, context);
  if (before !== undefined && after !== undefined && isSame(shownBefore, shownAfter) && !isSame(before, after)) {
    shownBefore = hashedValue(before, context.hash);
    shownAfter = hashedValue(after, context.hash);
  }
  return {
    path,
    ...(shownBefore === undefined ? {} : { before: shownBefore }),
    ...(shownAfter === undefined ? {} : { after: shownAfter }),
    secret: holdsHidden(shownBefore) || holdsHidden(shownAfter),
  };
}

/** A step of a JSON pointer (RFC 6901). */
export function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The steps of a JSON pointer; undefined for what is none. */
export function stepsOf(pointer: string): string[] | undefined {
  if (pointer === '') return [];
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function hasInside(rule: Rule): boolean {
  return rule.type === 'either' ? rule.of.some(hasInside) : ['object', 'map', 'list'].includes(rule.type);
}

function isComparableList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.every(isRecord);
}

function own(value: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  return anyJson(a) === anyJson(b);
}
