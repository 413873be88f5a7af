import type { GatewayRequest } from '../model/request.ts';
import type { ConfigInForce, ResolvedResource } from './configInForce.ts';
import { listAt, type ResourceValue, textAt } from './document.ts';
import { attachmentScope, budgetScope, cacheScope, limitScope, type Scope, type ScopeFacts } from './policyScope.ts';

/** A resource of a request, before it is shown. */
export interface Touched {
  readonly kind: string;
  readonly id?: string;
  readonly name?: string;
  readonly role: string;
  readonly certain: boolean;
  /** Absent where the configuration does not know it. */
  readonly resolved?: ResolvedResource;
}

/** Targets of a group that names groups, and so on: deeper ones are not looked at. */
const MAX_DEPTH = 4;
/** A request touches a handful; a group with more targets than this is not shown whole. */
const MAX_TOUCHED = 200;

/** What served the request, else what was wanted. */
export const documentOf = (resolved: ResolvedResource | undefined): ResourceValue | undefined =>
  (resolved?.served ?? resolved?.wanted)?.value;

/**
 * Every resource that takes part in a request: its key, the requested model with all targets, the models that were tried,
 * their provider keys, and the policies whose scope holds it. Resolved with the configuration of its start.
 */
export function touchedResources(request: GatewayRequest, config: ConfigInForce): Touched[] {
  const found = new Map<string, Touched>();
  const add = (touched: Touched): void => {
    const id = touched.resolved?.id ?? touched.id;
    const key = `${touched.kind}\n${id ?? touched.name ?? ''}`;
    const name = touched.resolved?.name ?? touched.name;
    if (found.size >= MAX_TOUCHED || found.has(key)) return;
    if (touched.resolved === undefined) {
      // What the configuration does not know is one by its name, whatever ids came with it, and by its id.
      for (const [known, other] of found) {
        if (other.kind !== touched.kind) continue;
        const isNamed = name !== undefined && other.name === name;
        if (isNamed && other.id === undefined && id !== undefined) found.set(known, { ...other, id });
        if (isNamed || (id !== undefined && other.id === id)) return;
      }
    }
    found.set(key, { ...touched, ...(id !== undefined && { id }), ...(name !== undefined && { name }) });
  };
  const named = (kind: string, role: string, name: string | undefined, id?: string): ResolvedResource | undefined => {
    if (name === undefined && id === undefined) return undefined;
    const byId = id === undefined ? undefined : config.byId(kind, id);
    const resolved = byId ?? (name === undefined ? undefined : config.byName(kind, name));
    add({
      kind,
      role,
      certain: true,
      ...(id !== undefined && { id }),
      ...(name !== undefined && { name }),
      ...(resolved !== undefined && { resolved }),
    });
    return resolved;
  };

  const key = named('api_key', 'caller key', request.apiKeyName, request.apiKeyId);
  // No event names these, so only where somebody told of them.
  const owners = [
    { kind: 'team', id: textAt(documentOf(key), 'team_id') },
    { kind: 'member', id: textAt(documentOf(key), 'user_id') },
  ] as const;
  for (const { kind, id } of owners) {
    if (id !== undefined && config.byId(kind, id) !== undefined)
      named(kind, `${kind} of the caller key`, undefined, id);
  }
  const models: ResolvedResource[] = [];
  const follow = (model: ResolvedResource | undefined, depth: number): void => {
    if (model === undefined || models.includes(model)) return;
    models.push(model);
    const value = documentOf(model);
    const keyId = textAt(value, 'provider_key_id');
    if (keyId !== undefined) named('provider_key', 'provider key', undefined, keyId);
    if (depth >= MAX_DEPTH) return;
    for (const target of targetsOf(value)) follow(named('model', 'target', target), depth + 1);
  };
  if (request.requestedModel !== undefined) follow(named('model', 'requested model', request.requestedModel), 0);
  for (const { model, modelId, providerKeyLabel } of request.attempts) {
    const tried = named('model', 'tried model', model, modelId);
    follow(tried, MAX_DEPTH);
    if (providerKeyLabel !== undefined && textAt(documentOf(tried), 'provider_key_id') === undefined) {
      addLabelled(config, providerKeyLabel, add);
    }
  }
  follow(named('model', 'model', undefined, request.modelId), MAX_DEPTH);

  named('mcp_server', 'MCP server', request.mcp?.server);
  named('a2a_agent', 'A2A agent', request.a2a?.agent);
  const route = named('passthrough_route', 'passthrough route', request.passthroughRoute);
  const routeKey = textAt(documentOf(route), 'provider_key_id');
  if (routeKey !== undefined) named('provider_key', 'provider key', undefined, routeKey);
  named('oidc_provider', 'identity provider', request.jwt?.provider);
  named('claim_mapping', 'claim mapping', request.jwt?.claimMapping);
  for (const { name } of request.guardrail?.hits ?? []) named('guardrail', 'guardrail', name);

  const words = new Set(models.flatMap(({ id, name }) => (name === undefined ? [id] : [id, name])));
  if (request.requestedModel !== undefined) words.add(request.requestedModel);
  addPolicies(config, { request, key: documentOf(key), models: words }, add);
  return [...found.values()];
}

/** The provider key that an event names by its label, where no configuration leads from the model to it. */
function addLabelled(config: ConfigInForce, label: string, add: (touched: Touched) => void): void {
  const labelled = config
    .ofKind('provider_key')
    .find((key) => textAt(documentOf(key), 'telemetry_tags', 'pk_label') === label);
  const resolved = labelled ?? config.byName('provider_key', label);
  add({
    kind: 'provider_key',
    name: label,
    role: 'provider key',
    // Labels are free text, and mostly the name.
    certain: labelled !== undefined,
    ...(resolved !== undefined && { resolved }),
  });
}

function addPolicies(config: ConfigInForce, facts: ScopeFacts, add: (touched: Touched) => void): void {
  const scoped = (kind: string, role: string, scopeOf: (facts: ScopeFacts, value: ResourceValue) => Scope): void => {
    for (const resolved of config.ofKind(kind)) {
      const scope = scopeOf(facts, documentOf(resolved) ?? {});
      if (scope !== 'no') add({ kind, role, certain: scope === 'yes', resolved });
    }
  };
  scoped('rate_limit_policy', 'rate limit', limitScope);
  scoped('budget', 'budget', budgetScope);
  scoped('cache_policy', 'cache policy', cacheScope);
  if (facts.request.mcp !== undefined) scoped('mcp_policy', 'MCP policy', attachmentScope);
  for (const attachment of config.ofKind('guardrail_attachment')) {
    const value = documentOf(attachment) ?? {};
    const scope = attachmentScope(facts, value);
    if (scope === 'no') continue;
    add({ kind: 'guardrail_attachment', role: 'guardrail attachment', certain: scope === 'yes', resolved: attachment });
    const resolved = config.byId('guardrail', textAt(value, 'guardrail_id') ?? '');
    if (resolved !== undefined) add({ kind: 'guardrail', role: 'guardrail', certain: scope === 'yes', resolved });
  }
}

/** Names of the models that a group hands requests to: routing, ensemble, semantic. */
export function targetsOf(value: ResourceValue | undefined): string[] {
  const named = (list: readonly unknown[], field: string) =>
    list.flatMap((one) => {
      const name = textAt(one, field);
      return name === undefined ? [] : [name];
    });
  const single = [
    textAt(value, 'ensemble', 'judge', 'model'),
    textAt(value, 'semantic', 'default'),
    textAt(value, 'semantic', 'embedding_model'),
    textAt(value, 'semantic', 'on_embedding_failure', 'target'),
  ];
  return [
    ...named(listAt(value, 'routing', 'targets'), 'model'),
    ...named(listAt(value, 'ensemble', 'panel'), 'model'),
    ...named(listAt(value, 'semantic', 'routes'), 'target'),
    ...single.filter((name) => name !== undefined),
  ];
}
