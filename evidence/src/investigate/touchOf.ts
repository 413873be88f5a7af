import type { ConfigChange } from '../model/change.ts';
import type { Around } from './resourceGraph.ts';
import { isOfRequests, namesakes, namesOf, present } from './resourceNames.ts';
import type { Clause, Touch } from './touch.ts';

const ALL: Touch = { clauses: [{ all: true }], weak: false };
const NOTHING: Touch = { clauses: [], weak: false };

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const union = (a: Iterable<string>, b: Iterable<string>): ReadonlySet<string> => new Set([...a, ...b]);

/** Requests that may reach one of these models, by what was asked for. */
function modelClause(names: ReadonlySet<string>, ids: ReadonlySet<string>, { before, after }: Around): Clause {
  const models = union(before.reaching(names), after.reaching(names));
  // Where no catalogue leads from a group to its targets, only what was tried does.
  return before.known || after.known ? { models } : { models, modelIds: ids };
}

/** Fields that bear on requests that name the model themselves. */
const OF_ASKING = /^\/(allowed_cidrs|rate_limit)(\/|$)/;

function modelTouch(change: ConfigChange, around: Around): Touch {
  const { before, after } = around;
  const names = namesOf(change, around);
  const ids = present(change.resource.id);
  const isGroup = [...names].some((name) =>
    [before, after].some((graph) => (graph.models.get(name)?.targets.length ?? 0) > 0),
  );
  // What is decided when a model is asked for meets nobody who comes through a group.
  if (change.paths.length > 0 && change.paths.every(({ path }) => OF_ASKING.test(path))) {
    return { clauses: [{ models: names, modelIds: new Set() }], targets: { names, ids }, weak: false };
  }
  const clauses = [modelClause(names, ids, around)];
  // A group's failures are those of its targets.
  return isGroup ? { clauses, weak: false } : { clauses, targets: { names, ids }, weak: !before.known && !after.known };
}

function providerKeyTouch(change: ConfigChange, around: Around): Touch {
  const { before, after } = around;
  const id = change.resource.id ?? '';
  const names = union(before.onProviderKey(id), after.onProviderKey(id));
  const ids = new Set(
    [...names].flatMap((name) =>
      [before.models.get(name)?.id, after.models.get(name)?.id].filter((one) => one !== undefined),
    ),
  );
  const routes = [...before.entries, ...after.entries]
    .filter(({ kind, value }) => kind === 'passthrough_route' && value.provider_key_id === id)
    .map(({ name, id: own }) => name ?? own);
  const labels = namesOf(change, around);
  if (names.size === 0 && routes.length === 0) return { clauses: [{ providerKeyLabels: labels }], weak: true };
  return {
    clauses: [{ ...modelClause(names, ids, around), passthroughRoutes: new Set(routes) }],
    targets: { names, ids },
    weak: false,
  };
}

function apiKeyTouch(change: ConfigChange, around: Around, sameNamed: ReadonlySet<string>): Touch {
  const others = namesakes(change, around);
  const ids = [...sameNamed].filter((id) => !others.has(id));
  const apiKeyIds = union(present(change.resource.id), ids);
  return named(others.size > 0 ? { apiKeyIds } : { apiKeyIds, apiKeyNames: namesOf(change, around) });
}

/** Ids of the caller keys of a team or a member. */
function keysOf(field: 'team_id' | 'user_id', value: string, { before, after }: Around): ReadonlySet<string> {
  return new Set(
    [...before.entries, ...after.entries]
      .filter((entry) => entry.kind === 'api_key' && entry.value[field] === value)
      .map(({ id }) => id),
  );
}

function scoped(scope: string | undefined, ref: string | undefined, around: Around): Clause {
  if (scope === undefined || ref === undefined) return { all: true };
  switch (scope) {
    case 'api_key':
      return { apiKeyIds: present(ref), apiKeyNames: present(around.before.entry('api_key', ref)?.name) };
    case 'model': {
      const name = around.after.entry('model', ref)?.name ?? around.before.entry('model', ref)?.name ?? ref;
      return modelClause(present(name), present(ref), around);
    }
    case 'model_name':
      return modelClause(present(ref), present(), around);
    case 'team':
      return { apiKeyIds: keysOf('team_id', ref, around) };
    case 'member':
    case 'team_member':
      return { apiKeyIds: keysOf('user_id', ref, around) };
    case 'provider_key': {
      const names = union(around.before.onProviderKey(ref), around.after.onProviderKey(ref));
      return modelClause(names, present(), around);
    }
    case 'mcp_server':
      return {
        mcpServers: present(
          around.after.entry('mcp_server', ref)?.name,
          around.before.entry('mcp_server', ref)?.name,
          ref,
        ),
      };
    case 'passthrough_route':
      return {
        passthroughRoutes: present(
          around.after.entry('passthrough_route', ref)?.name,
          around.before.entry('passthrough_route', ref)?.name,
          ref,
        ),
      };
    default:
      return { all: true };
  }
}

/** One clause of several scopes, any of which counts. */
function anyOf(clauses: readonly Clause[]): Clause {
  const merged: Record<string, ReadonlySet<string>> = {};
  for (const clause of clauses) {
    if (clause.all === true) return clause;
    for (const [part, set] of Object.entries(clause)) {
      if (set instanceof Set) merged[part] = union(merged[part] ?? [], set);
    }
  }
  return merged;
}

type Document = Readonly<Record<string, unknown>>;

/** The documents of the changed resource, before and after; empty where no catalogue has it. */
function documentsOf({ resource }: ConfigChange, { before, after }: Around): readonly Document[] {
  return [before.entry(resource.kind, resource.id), after.entry(resource.kind, resource.id)]
    .filter((entry) => entry !== undefined)
    .map(({ value }) => value);
}

function attachmentScope(value: Document, around: Around): Clause {
  return scoped(text(value.scope_type), text(value.scope_id), around);
}

function guardrailTouch(change: ConfigChange, around: Around): Touch {
  const attached = [...around.before.entries, ...around.after.entries].filter(
    ({ kind, value }) => kind === 'guardrail_attachment' && value.guardrail_id === change.resource.id,
  );
  if (attached.length === 0) return { ...ALL, weak: true };
  return { clauses: [anyOf(attached.map(({ value }) => attachmentScope(value, around)))], weak: false };
}

function conditionClauses(value: Document, around: Around): readonly Clause[] {
  if (!Array.isArray(value.conditions)) return [scoped(text(value.scope), text(value.scope_ref), around)];
  return value.conditions.flatMap((condition: unknown) => {
    const { dimension, value: wanted, negate, children } = (condition ?? {}) as Document;
    // What is negated or nested narrows further; leaving it out only makes the group wider.
    if (negate === true || children !== undefined || text(dimension) === undefined) return [];
    const values = (Array.isArray(wanted) ? wanted : [wanted]).map(text).filter((one) => one !== undefined);
    return values.length === 0 ? [] : [anyOf(values.map((one) => scoped(text(dimension), one, around)))];
  });
}

function policyTouch(change: ConfigChange, around: Around): Touch {
  const documents = documentsOf(change, around);
  const [newest] = documents.toReversed();
  if (newest === undefined) return { ...ALL, weak: true };
  const clauses = conditionClauses(newest, around);
  return clauses.length === 0 ? ALL : { clauses, weak: false };
}

function cacheTouch(change: ConfigChange, around: Around): Touch {
  const clauses = documentsOf(change, around).map(({ applies_to: appliesTo }) => {
    const [scope, ...rest] = (text(appliesTo) ?? 'all').split(':');
    return scope === 'all' ? { all: true } : scoped(scope === 'model' ? 'model_name' : scope, rest.join(':'), around);
  });
  return clauses.length === 0 ? { ...ALL, weak: true } : { clauses: [anyOf(clauses)], weak: false };
}

function scopedDocuments(change: ConfigChange, around: Around, scope: string, ref: string): Touch {
  const clauses = documentsOf(change, around).map((value) => scoped(text(value[scope]), text(value[ref]), around));
  return clauses.length === 0 ? { ...ALL, weak: true } : { clauses: [anyOf(clauses)], weak: false };
}

const named = (clause: Clause): Touch => ({ clauses: [clause], weak: false });

/**
 * Which requests a change touches. Wide rather than narrow where the catalogue is silent; undefined when nothing tells
 * what the change is about.
 *
 * @param sameNamed Ids of other resources of this kind and name: one that was deleted and created anew has two.
 */
export function touchOf(
  change: ConfigChange,
  around: Around,
  sameNamed: ReadonlySet<string> = new Set(),
): Touch | undefined {
  const { kind, id, name } = change.resource;
  if (!isOfRequests(kind)) return NOTHING;
  if (kind === 'environment') return ALL;
  if (id === undefined && name === undefined) return undefined;
  const names = namesOf(change, around);
  switch (kind) {
    case 'model':
      return modelTouch(change, around);
    case 'provider_key':
      return providerKeyTouch(change, around);
    case 'api_key':
      return apiKeyTouch(change, around, sameNamed);
    case 'guardrail':
      return guardrailTouch(change, around);
    case 'guardrail_attachment':
      return scopedDocuments(change, around, 'scope_type', 'scope_id');
    case 'rate_limit_policy':
      return policyTouch(change, around);
    case 'budget':
    case 'mcp_policy':
      return scopedDocuments(change, around, 'scope', 'scope_ref');
    case 'cache_policy':
      return cacheTouch(change, around);
    case 'team':
      return named({ apiKeyIds: keysOf('team_id', id ?? '', around) });
    case 'member':
      return named({ apiKeyIds: keysOf('user_id', id ?? '', around) });
    case 'mcp_server':
      return named({ mcpServers: names });
    case 'mcp_auth_settings':
      return named({ protocols: new Set(['mcp']) });
    case 'a2a_agent':
      return named({ a2aAgents: names });
    case 'passthrough_route':
      return named({ passthroughRoutes: names });
    case 'oidc_provider':
      return named({ jwtProviders: names });
    case 'claim_mapping':
      return named({ jwtClaimMappings: names });
    default:
      return { ...ALL, weak: true };
  }
}
