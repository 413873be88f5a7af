import type { ChangedPath } from '@aisix-observability/evidence';
import { escaped, MAX_CHANGED_PATHS } from '../redact/changedPaths.ts';
import { anyJson, HASH_MARK } from '../redact/keyedHash.ts';
import { holdsHidden, isRecord } from '../redact/redactValue.ts';
import type { Held } from './sourceState.ts';

/** Digits that a hashed value shows. */
const SHOWN_DIGITS = 12;

/** Deeper than any document that redaction shows. */
const MAX_DEPTH = 16;

/**
 * What differs between two remembered values. The clear ones are gone, so the redacted ones are compared, in the way
 * in which `Redactor.changedPaths` compares clear ones. Only fields whose digests differ are looked at: what redaction
 * itself came to do otherwise is no change. Where the difference does not show, the beginnings of the digests stand.
 */
export function heldPaths(before: Held, after: Held): ChangedPath[] {
  const names = [...new Set([...Object.keys(before.fields), ...Object.keys(after.fields)])]
    .filter((name) => before.fields[name] !== after.fields[name])
    .sort();
  const from = byPointer(before.value);
  const to = byPointer(after.value);
  const follow = (depth: number): ChangedPath[] =>
    names.flatMap((name) => {
      const found = compare(name, from.get(name), to.get(name), depth);
      return found.length > 0 ? found : [hidden(name, before.fields[name], after.fields[name])];
    });
  const all = follow(MAX_DEPTH);
  const paths = all.length <= MAX_CHANGED_PATHS ? all : follow(0);
  if (paths.length > 0 && paths.length <= MAX_CHANGED_PATHS) return paths;
  return [hidden('', before.digest, after.digest)];
}

function byPointer(value: Readonly<Record<string, unknown>>): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(value).map(([key, item]) => [`/${escaped(key)}`, item]));
}

function compare(path: string, before: unknown, after: unknown, depth: number): ChangedPath[] {
  if (before === after || (before !== undefined && after !== undefined && anyJson(before) === anyJson(after)))
    return [];
  if (depth > 0) {
    if (isRecord(before) && isRecord(after)) {
      const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
      return keys.flatMap((key) => compare(`${path}/${escaped(key)}`, own(before, key), own(after, key), depth - 1));
    }
    if (isListOfObjects(before) && isListOfObjects(after) && before.length === after.length) {
      return before.flatMap((item, index) => compare(`${path}/${index}`, item, after[index], depth - 1));
    }
  }
  return [
    {
      path,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      secret: holdsHidden(before) || holdsHidden(after),
    },
  ];
}

function hidden(path: string, before: string | undefined, after: string | undefined): ChangedPath {
  const shown = (digest: string) => `${HASH_MARK}${digest.slice(0, SHOWN_DIGITS)}`;
  return {
    path,
    ...(before === undefined ? {} : { before: shown(before) }),
    ...(after === undefined ? {} : { after: shown(after) }),
    secret: true,
  };
}

function own(value: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function isListOfObjects(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.every(isRecord);
}
