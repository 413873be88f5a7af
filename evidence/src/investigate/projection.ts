import { isDeepStrictEqual } from 'node:util';
import type { Outcome } from '../model/outcome.ts';
import type { Attempt, GatewayRequest } from '../model/request.ts';
import type { ConfigInForce, ResolvedResource } from './configInForce.ts';
import { type ResourceValue, textAt } from './document.ts';
import { modelOf } from './explainAttempts.ts';
import type { EvidenceLine } from './explanation.ts';
import { quoted, resourceWords } from './sayWords.ts';
import type { Touched } from './touchedResources.ts';

/** A resource that was not served as it was wanted, and what shows it. */
export interface ProjectionFailure {
  readonly resource: { readonly kind: string; readonly name?: string; readonly id?: string };
  readonly sentence: string;
  readonly evidence: readonly EvidenceLine[];
}

/**
 * Fields that decide an outcome which the gateway makes by itself, by kind of resource; `*` is all. A difference in other
 * fields explains nothing.
 */
const DECIDED_BY: Readonly<Partial<Record<Outcome, Readonly<Record<string, readonly string[] | '*'>>>>> = {
  caller_auth: { api_key: ['key_hash', 'disabled', 'expires_at', 'jwt_provider', 'jwt_subject'], oidc_provider: '*' },
  forbidden: {
    api_key: ['allowed_models', 'allowed_agents', 'allowed_routes', 'mcp_access', 'disabled'],
    model: ['allowed_cidrs'],
    passthrough_route: ['source_cidrs', 'auth_mode'],
    mcp_policy: '*',
  },
  rate_limited: {
    api_key: ['rate_limit', 'mcp_rate_limits'],
    model: ['rate_limit'],
    rate_limit_policy: '*',
  },
  guardrail_blocked: { guardrail: '*', guardrail_attachment: '*' },
  not_found: { model: ['display_name'] },
  invalid_request: { model: ['display_name', 'routing', 'ensemble', 'semantic'] },
  gateway_config: { model: '*', provider_key: '*' },
  routing_exhausted: { model: ['display_name', 'routing', 'cooldown', 'provider_key_id', 'rate_limit'] },
};

/**
 * Whether what was saved did not reach the request. A provider's error proves that the gateway found its way to the
 * provider, so it counts only where the record itself shows another model or provider key than the wanted one; what the
 * gateway decided by itself counts where the resource that decided it was served in another version than the wanted one.
 * Nothing counts while a change is coming into force.
 */
export function projectionFailure(
  request: GatewayRequest,
  touched: readonly Touched[],
  config: ConfigInForce,
): ProjectionFailure | undefined {
  if (request.outcome === 'success' || request.outcome === 'client_closed') return undefined;
  const wrong = request.attempts.map((attempt) => wrongTarget(attempt, config)).find((one) => one !== undefined);
  if (wrong !== undefined) return wrong;
  const decided = DECIDED_BY[request.outcome];
  if (decided === undefined) return undefined;
  return touched.map((one) => notServed(one, decided)).find((one) => one !== undefined);
}

/** The record shows another model or key than the one that was wanted. */
function wrongTarget(attempt: Attempt, config: ConfigInForce): ProjectionFailure | undefined {
  const { index, model, modelId, providerKeyLabel } = attempt;
  const named = model === undefined ? undefined : config.byName('model', model);
  const found = (resolved: ResolvedResource | undefined, sentence: string, code: string, text: string) =>
    resolved === undefined ? undefined : { resource: resolved, sentence, evidence: [{ code, text, attempt: index }] };
  const wanted = named?.wanted;
  const settled = named !== undefined && named.standing !== 'in_transition' && named.standing !== 'wanted_only';
  if (settled && wanted !== undefined && modelId !== undefined && modelId !== '' && wanted.id !== modelId) {
    return found(
      named,
      `The data plane used another model under the name ${quoted(model ?? '')} than the one that was saved.`,
      'wrong_model',
      `Attempt ${index} used the model of id ${quoted(modelId)}; the one wanted has the id ${quoted(wanted.id)}.`,
    );
  }
  const own = modelOf(attempt, config);
  const keyId = textAt(own?.wanted?.value, 'provider_key_id');
  const key = keyId === undefined ? undefined : config.byId('provider_key', keyId);
  const label = textAt(key?.wanted?.value, 'telemetry_tags', 'pk_label');
  const quiet = own?.standing !== 'in_transition' && key?.standing !== 'in_transition';
  if (quiet && label !== undefined && providerKeyLabel !== undefined && label !== providerKeyLabel) {
    return found(
      key,
      `The data plane used another provider key for ${quoted(model ?? '')} than the one that was saved.`,
      'wrong_provider_key',
      `Attempt ${index} carries the key label ${quoted(providerKeyLabel)}; the one wanted is ${quoted(label)}.`,
    );
  }
  return undefined;
}

/** What decided the outcome was served in another version than the one that was wanted. */
function notServed(
  { kind, resolved }: Touched,
  decided: Readonly<Record<string, readonly string[] | '*'>>,
): ProjectionFailure | undefined {
  const fields = decided[kind];
  if (fields === undefined || resolved === undefined) return undefined;
  const { standing, wanted, served } = resolved;
  if (standing !== 'refused' && standing !== 'pending') return undefined;
  if (!differsIn(wanted?.value, served?.value, fields)) return undefined;
  const words = resourceWords(resolved);
  const refused = standing === 'refused';
  return {
    resource: resolved,
    sentence: refused
      ? `The data plane refused the newest document of the ${words} and went on with an older one.`
      : `The data plane did not serve the ${words} as it was saved.`,
    evidence: [
      {
        code: refused ? 'document_refused' : 'document_pending',
        text: `The ${words}: wanted ${versionOf(wanted)}, served ${versionOf(served)}.`,
      },
    ],
  };
}

function differsIn(
  wanted: ResourceValue | undefined,
  served: ResourceValue | undefined,
  fields: readonly string[] | '*',
): boolean {
  if (wanted === undefined || served === undefined || fields === '*') return !isDeepStrictEqual(wanted, served);
  return fields.some((field) => !isDeepStrictEqual(wanted[field], served[field]));
}

function versionOf(entry: { readonly revision?: number } | undefined): string {
  if (entry === undefined) return 'none';
  return entry.revision === undefined ? 'another version' : `revision ${entry.revision}`;
}
