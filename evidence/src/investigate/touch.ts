import type { RequestResult, RequestShape } from './model.ts';

/** Requests of which one of these is true; every given part widens it. */
export interface Clause {
  readonly all?: boolean;
  /** Names that callers asked for. */
  readonly models?: ReadonlySet<string>;
  /** Ids of models, for what no catalogue leads to. */
  readonly modelIds?: ReadonlySet<string>;
  readonly apiKeyIds?: ReadonlySet<string>;
  readonly apiKeyNames?: ReadonlySet<string>;
  readonly providerKeyLabels?: ReadonlySet<string>;
  readonly mcpServers?: ReadonlySet<string>;
  readonly a2aAgents?: ReadonlySet<string>;
  readonly passthroughRoutes?: ReadonlySet<string>;
  readonly jwtProviders?: ReadonlySet<string>;
  readonly jwtClaimMappings?: ReadonlySet<string>;
  readonly protocols?: ReadonlySet<string>;
}

/** What a change touches: requests of which every clause is true. */
export interface Touch {
  readonly clauses: readonly Clause[];
  /** Names and ids of the models whose attempts it touches; absent where it touches requests as a whole. */
  readonly targets?: { readonly names: ReadonlySet<string>; readonly ids: ReadonlySet<string> };
  /** Nothing but the names of what it concerns was known. */
  readonly weak: boolean;
}

const has = (set: ReadonlySet<string> | undefined, value: string | undefined): boolean =>
  set !== undefined && value !== undefined && set.has(value);

function holds(clause: Clause, shape: RequestShape, result: RequestResult): boolean {
  if (clause.all === true) return true;
  return (
    has(clause.models, shape.requestedModel) ||
    has(clause.apiKeyIds, shape.apiKeyId) ||
    has(clause.apiKeyNames, shape.apiKeyName) ||
    has(clause.mcpServers, shape.mcpServer) ||
    has(clause.a2aAgents, shape.a2aAgent) ||
    has(clause.passthroughRoutes, shape.passthroughRoute) ||
    has(clause.jwtProviders, shape.jwtProvider) ||
    has(clause.jwtClaimMappings, shape.jwtClaimMapping) ||
    has(clause.protocols, shape.protocol) ||
    resultHolds(clause, result)
  );
}

/** Whether what became of a request makes a clause true. */
export function resultHolds({ modelIds, providerKeyLabels }: Clause, result: RequestResult): boolean {
  if (modelIds === undefined && providerKeyLabels === undefined) return false;
  return (
    has(modelIds, result.modelId) ||
    result.attempts.some(
      ({ modelId, providerKeyLabel }) => has(modelIds, modelId) || has(providerKeyLabels, providerKeyLabel),
    )
  );
}

/** Whether a change touches a request. */
export function touches({ clauses }: Touch, shape: RequestShape, result: RequestResult): boolean {
  return clauses.length > 0 && clauses.every((clause) => holds(clause, shape, result));
}

/** Whether a change touches what an attempt was made at; attempts without a model count. */
export function touchesAttempt(
  { targets }: Touch,
  { model, modelId }: { readonly model?: string | undefined; readonly modelId?: string | undefined },
): boolean {
  if (targets === undefined) return true;
  if (model === undefined && modelId === undefined) return true;
  return has(targets.names, model) || has(targets.ids, modelId);
}
