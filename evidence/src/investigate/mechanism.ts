import type { ChangedPath, ConfigChange } from '../model/change.ts';
import {
  BY_PRICE,
  CALLER_KEY,
  CREDENTIAL,
  type Direction,
  GUARDED,
  INERT,
  LIFE,
  LIMIT,
  NONE,
  ROUTING,
  RULES,
  UPSTREAM,
  type Weights,
} from './mechanismTables.ts';
import type { Family } from './signatures.ts';

export type { Weights } from './mechanismTables.ts';

/** What a change can do, by its paths and their direction. */
export interface Mechanism {
  readonly worse: Weights;
  readonly better: Weights;
  /** A path or kind that the tables below do not know. */
  readonly unknown: boolean;
}

/** What a change alone does not tell. */
export interface MechanismContext {
  /** A creation that takes the place of a resource of its name, so that anything in it may be new. */
  readonly replaces?: boolean;
  /** The price of a model decides where requests go. */
  readonly routesByPrice?: boolean;
}

/** Below this a change cannot be a suspect. */
export const LEAST_MECHANISM = 0.3;

const DISAPPEARING: ReadonlySet<string> = new Set(['delete', 'disable', 'revoke']);
const APPEARING: ReadonlySet<string> = new Set(['create', 'enable', 'invite']);

function strongest(...all: readonly Weights[]): Weights {
  const merged: Partial<Record<Family, number>> = {};
  for (const weights of all) {
    for (const [family, weight] of Object.entries(weights) as [Family, number][]) {
      merged[family] = Math.max(merged[family] ?? 0, weight);
    }
  }
  return merged;
}

const asList = (value: unknown): readonly unknown[] | undefined => (Array.isArray(value) ? value : undefined);

function listDirection(before: readonly unknown[] | undefined, after: readonly unknown[] | undefined): Direction {
  const [from, to] = [new Set(before), new Set(after)];
  // An empty or absent list of what is allowed, or a star, allows all.
  const fromAll = from.size === 0 || from.has('*');
  const toAll = to.size === 0 || to.has('*');
  if (fromAll !== toAll) return toAll ? 'higher' : 'lower';
  if ([...to].every((item) => from.has(item))) return 'lower';
  return [...from].every((item) => to.has(item)) ? 'higher' : 'other';
}

function directionOf({ before, after }: ChangedPath): Direction {
  if (asList(before) !== undefined || asList(after) !== undefined) return listDirection(asList(before), asList(after));
  if (typeof before === 'number' && typeof after === 'number') return after < before ? 'lower' : 'higher';
  if (before === undefined && typeof after === 'number') return 'lower';
  if (typeof before === 'number' && after === undefined) return 'higher';
  return 'other';
}

function effectOf(kind: string, changed: ChangedPath): Mechanism {
  if (INERT.test(changed.path)) return { worse: NONE, better: NONE, unknown: false };
  const rule = RULES[kind]?.find(({ path }) => path.test(changed.path));
  if (rule === undefined) return { worse: NONE, better: NONE, unknown: true };
  const { weights, worseWhen, otherwise = NONE } = rule;
  if (worseWhen === undefined) return { worse: weights, better: weights, unknown: false };
  const direction = directionOf(changed);
  if (direction === 'other') return { worse: strongest(weights, otherwise), better: weights, unknown: false };
  if (direction === worseWhen) return { worse: weights, better: otherwise, unknown: false };
  return { worse: otherwise, better: weights, unknown: false };
}

/** What follows from failures of targets weighs this much. */
export const CONSEQUENCE = 0.6;

/** A group whose target fails goes to another one, waits for it, or runs out of them. */
function withConsequences(weights: Weights): Weights {
  const upstream = Math.max(
    weights.provider_auth ?? 0,
    weights.provider_status ?? 0,
    weights.provider_timeout ?? 0,
    weights.transport ?? 0,
  );
  if (upstream < 0.6) return weights;
  return strongest(weights, { routing: CONSEQUENCE, target_mix: CONSEQUENCE, slow: 0.3 });
}

/** Everything that any path of a kind can bring, but for what its absence brought before it came back. */
function anythingOf(kind: string): Weights {
  const { vanished: _, not_found: __, ...weights } = strongest(...(RULES[kind] ?? []).map((rule) => rule.weights));
  return weights;
}

/**
 * What a change can do to requests: by the paths that it changed and their direction, or by what came or went. Paths
 * outlive masking, so this holds for secrets, too.
 */
export function mechanismOf({ action, resource, paths }: ConfigChange, context: MechanismContext = {}): Mechanism {
  const life = LIFE[resource.kind];
  const parts: Mechanism[] = paths.map((path) => effectOf(resource.kind, path));
  if (DISAPPEARING.has(action)) {
    parts.push({ worse: life?.disappears ?? NONE, better: life?.appears ?? NONE, unknown: life === undefined });
  } else if (APPEARING.has(action)) {
    parts.push({ worse: life?.appears ?? NONE, better: life?.disappears ?? NONE, unknown: life === undefined });
    if (context.replaces === true) parts.push({ worse: anythingOf(resource.kind), better: NONE, unknown: false });
  } else if (action === 'rotate') {
    const rotated = resource.kind === 'api_key' ? CALLER_KEY : CREDENTIAL;
    parts.push({ worse: rotated, better: rotated, unknown: false });
  }
  if (context.routesByPrice === true) parts.push({ worse: BY_PRICE, better: BY_PRICE, unknown: false });
  // A change that tells neither paths nor a beginning or an end may be anything.
  const unknown = parts.length === 0 || parts.some((part) => part.unknown) || !(resource.kind in RULES);
  return {
    worse: withConsequences(strongest(...parts.map(({ worse }) => worse))),
    better: withConsequences(strongest(...parts.map(({ better }) => better))),
    unknown,
  };
}

/** Everything fits everything: the mechanism of a change when mechanisms are switched off. */
export const ANY_MECHANISM: Mechanism = (() => {
  const all: Weights = {
    ...ROUTING,
    ...UPSTREAM,
    ...GUARDED,
    ...CALLER_KEY,
    ...LIMIT,
    forbidden: 1,
    not_found: 1,
    routing: 1,
    invalid_request: 1,
    budget: 1,
    other: 1,
  };
  return { worse: all, better: all, unknown: false };
})();
