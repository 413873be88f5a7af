import type { ChangedPath } from '@aisix-observability/evidence';
import { changedPath, changedPaths } from './changedPaths.ts';
import { anyJson } from './keyedHash.ts';
import { UNKNOWN_KIND_RULE } from './kinds.ts';
import type { RedactContext } from './redactValue.ts';
import { type Rule, ruleAt, secret } from './rule.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Of a kind without rules, and of what cannot be a document, not even the names of other fields are kept. */
export function onlyForeseen(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => isForeseen(key)));
}

/** What differs between two documents of an unknown kind: name and id, and that all else is another, as one value. */
export function unknownChangedPaths(before: Fields, after: Fields, context: RedactContext): ChangedPath[] {
  const [restBefore, restAfter] = [others(before), others(after)];
  const named = changedPaths(onlyForeseen(before), onlyForeseen(after), UNKNOWN_KIND_RULE, context);
  return anyJson(restBefore) === anyJson(restAfter)
    ? named
    : [...named, changedPath('', restBefore, restAfter, secret, context)];
}

/** Where a path leads that a sender told of an unknown kind: to name or id, or nowhere that has a name. */
export function unknownPath(steps: readonly string[] | undefined): { readonly path: string; readonly rule: Rule } {
  const [field, ...inner] = steps ?? [];
  if (field === undefined || inner.length > 0 || !isForeseen(field)) return { path: '', rule: secret };
  return { path: `/${field}`, rule: ruleAt(UNKNOWN_KIND_RULE, field) };
}

function others(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !isForeseen(key)));
}

function isForeseen(key: string): boolean {
  return ruleAt(UNKNOWN_KIND_RULE, key).type !== 'secret';
}
