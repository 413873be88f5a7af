import type { z } from '@hono/zod-openapi';
import { nearest } from '../../config/nearest.ts';
import { quote, showPath } from '../../config/problem.ts';
import { ApiError } from '../errors.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** The keys that a place of the body may have, where it is a section of them. */
export type KnownKeys = (path: Path) => readonly string[];

/**
 * The refusal that tells what is wrong with a body: the first problem in full, with its place, what was found and what
 * was expected; of the others how many there are.
 */
export function bodyProblem(issues: readonly Issue[], body: unknown, knownKeys: KnownKeys): ApiError {
  const [first] = issues;
  if (first === undefined) return new ApiError('value_invalid', 'the body is not what was expected');
  const others = issues.length - 1;
  const more = others === 0 ? undefined : `${others} more ${others === 1 ? 'value is' : 'values are'} wrong`;
  const { code, message, hint } = tell(first, body, knownKeys);
  const hints = [hint, more].filter((text) => text !== undefined);
  return new ApiError(code, message, hints.length === 0 ? undefined : hints.join('; '));
}

type Told = Pick<ApiError, 'code' | 'message'> & { readonly hint?: string | undefined };

function tell(issue: Issue, body: unknown, knownKeys: KnownKeys): Told {
  const found = at(body, issue.path);
  const place = issue.path.length === 0 ? 'the body' : `\`${pathText(issue.path)}\``;
  switch (issue.code) {
    case 'unrecognized_keys': {
      const key = issue.keys[0] ?? '';
      const known = knownKeys(issue.path);
      const near = nearest(key, known);
      return {
        code: 'key_unknown',
        message: `${place} has no key ${quote(key)}`,
        hint: near === undefined ? `its keys are ${known.join(', ')}` : `did you mean \`${near}\`?`,
      };
    }
    case 'too_big':
      return {
        code: 'limit_exceeded',
        message: `${place} is limited to ${String(issue.maximum)}${unitOf(issue.origin)}, found ${sizeOf(found)}`,
      };
    default: {
      // A list or text in a union that is too long is not of the wrong type, and says so.
      const inner = innerTooBig(issue);
      if (inner !== undefined) return tell({ ...inner, path: [...issue.path, ...inner.path] }, body, knownKeys);
      if (found === undefined) return { code: 'value_missing', message: `${place} is missing: ${issue.message}` };
      const near = issue.code === 'invalid_value' && typeof found === 'string' ? nearestOf(issue, found) : undefined;
      return {
        code: 'value_invalid',
        message: `${place} holds ${show(found)}, expected ${issue.message}`,
        hint: near === undefined ? undefined : `did you mean \`${near}\`?`,
      };
    }
  }
}

function innerTooBig(issue: Issue): Issue | undefined {
  if (issue.code !== 'invalid_union') return undefined;
  for (const branch of issue.errors) {
    for (const inner of branch) {
      if (inner.code === 'too_big') return inner;
      const deeper = innerTooBig(inner);
      if (deeper !== undefined) return { ...deeper, path: [...inner.path, ...deeper.path] };
    }
  }
  return undefined;
}

const nearestOf = (issue: Issue & { readonly code: 'invalid_value' }, found: string) =>
  nearest(
    found,
    issue.values.filter((value) => typeof value === 'string'),
  );

function at(body: unknown, path: Path): unknown {
  let value = body;
  for (const step of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}

export const pathText = (path: Path): string =>
  showPath(path.map((step) => (typeof step === 'number' ? step : String(step))));

function unitOf(origin: string): string {
  return origin === 'string' ? ' characters' : origin === 'array' ? ' entries' : '';
}

function sizeOf(found: unknown): string {
  return typeof found === 'string' || Array.isArray(found) ? String(found.length) : show(found);
}

/** A value of somebody else in a message: short, without anything that ends a line or reorders text. */
export function show(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'object':
      return 'an object';
    default:
      return String(value);
  }
}
