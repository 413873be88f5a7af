import type { GatewayRequest } from '../model/request.ts';
import { listAt, type ResourceValue, textAt, textsAt } from './document.ts';

/** Whether a policy speaks of a request: `maybe` where its scope is of things that no event tells (teams, members). */
export type Scope = 'yes' | 'no' | 'maybe';

/** What a scope may be compared with: ids and names of the request's key and models. */
export interface ScopeFacts {
  readonly request: GatewayRequest;
  readonly key: ResourceValue | undefined;
  readonly models: ReadonlySet<string>;
}

/** Of a guardrail attachment or an MCP policy. */
export function attachmentScope({ request, key, models }: ScopeFacts, value: ResourceValue): Scope {
  const id = textAt(value, 'scope_id') ?? textAt(value, 'scope_ref');
  switch (textAt(value, 'scope_type') ?? textAt(value, 'scope')) {
    case 'env':
    case 'environment':
    case 'all':
      return 'yes';
    case 'api_key':
      return sure(id === request.apiKeyId);
    case 'model':
      return sure(id !== undefined && models.has(id));
    case 'team':
      return sameText(id, textAt(key, 'team_id'));
    case 'mcp_server':
      return request.mcp === undefined ? 'no' : 'maybe';
    case 'passthrough_route':
      return request.passthroughRoute === undefined ? 'no' : 'maybe';
    default:
      return 'maybe';
  }
}

/** Of a rate limit policy, in its present form (conditions) or the legacy one (scope). */
export function limitScope(facts: ScopeFacts, value: ResourceValue): Scope {
  const conditions = listAt(value, 'conditions');
  if (conditions.length > 0) return conditions.map((one) => conditionScope(facts, one)).reduce(both, 'yes');
  const id = textAt(value, 'scope_ref');
  switch (textAt(value, 'scope')) {
    case 'api_key':
      return sure(id === facts.request.apiKeyId);
    case 'model':
      return sure(id !== undefined && facts.models.has(id));
    case 'team':
      return sameText(id, textAt(facts.key, 'team_id'));
    case 'member':
      return sameText(id, textAt(facts.key, 'user_id'));
    default:
      return 'maybe';
  }
}

/** Of a budget: of everything, a caller key, a team or each member of it, a member, a provider key. */
export function budgetScope({ request, key }: ScopeFacts, value: ResourceValue): Scope {
  const id = textAt(value, 'scope_ref') ?? textAt(value, 'scope_id') ?? textAt(value, 'target_id');
  switch (textAt(value, 'scope') ?? textAt(value, 'scope_type') ?? textAt(value, 'target_type')) {
    case 'org':
    case 'organization':
    case 'env':
    case 'environment':
      return 'yes';
    case 'api_key':
      return sure(id === request.apiKeyId);
    case 'team':
    case 'team_member':
      return sameText(id, textAt(key, 'team_id'));
    case 'member':
      return sameText(id, textAt(key, 'user_id'));
    default:
      return 'maybe';
  }
}

/** Of a cache policy: `all`, `model:<name>`, `api_key:<id>`. */
export function cacheScope({ request, models }: ScopeFacts, value: ResourceValue): Scope {
  const applies = textAt(value, 'applies_to') ?? 'all';
  if (applies === 'all') return 'yes';
  const [, kind, word = ''] = /^(model|api_key):(.*)$/.exec(applies) ?? [];
  if (kind === 'model') return sure(models.has(word));
  return kind === 'api_key' ? sure(word === request.apiKeyId) : 'maybe';
}

function conditionScope(facts: ScopeFacts, condition: unknown): Scope {
  const children = listAt(condition, 'children');
  if (children.length > 0) {
    const each = children.map((child) => conditionScope(facts, child));
    return textAt(condition, 'logic') === 'or' ? each.reduce(either, 'no') : each.reduce(both, 'yes');
  }
  const own = ownWords(facts, textAt(condition, 'dimension'));
  if (own === undefined) return 'maybe';
  const values = textsAt(condition, 'value') ?? [textAt(condition, 'value') ?? ''];
  const operator = textAt(condition, 'operator') ?? 'eq';
  if (!['eq', 'equals', 'in', '=', '=='].includes(operator)) return 'maybe';
  const holds = values.some((one) => own.has(one));
  return sure(valueNegated(condition) ? !holds : holds);
}

function ownWords({ request, key, models }: ScopeFacts, dimension: string | undefined) {
  const words = (...given: readonly (string | undefined)[]) => {
    const known = given.filter((word) => word !== undefined);
    return known.length === 0 ? undefined : new Set(known);
  };
  switch (dimension) {
    case 'api_key':
      return words(request.apiKeyId);
    case 'model':
    case 'model_name':
      return models.size === 0 ? undefined : models;
    case 'team':
      return words(textAt(key, 'team_id'));
    case 'member':
      return words(textAt(key, 'user_id'));
    default:
      return undefined;
  }
}

const valueNegated = (condition: unknown) =>
  condition !== null && typeof condition === 'object' && 'negate' in condition && condition.negate === true;

const sure = (holds: boolean): Scope => (holds ? 'yes' : 'no');
const sameText = (a: string | undefined, b: string | undefined): Scope =>
  a === undefined || b === undefined ? 'maybe' : sure(a === b);
const both = (a: Scope, b: Scope): Scope => (a === 'no' || b === 'no' ? 'no' : a === 'yes' ? b : a);
const either = (a: Scope, b: Scope): Scope => (a === 'yes' || b === 'yes' ? 'yes' : a === 'no' ? b : a);
