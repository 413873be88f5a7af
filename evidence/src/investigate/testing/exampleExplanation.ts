import type { Catalogue, CatalogueEntry } from '../../model/catalogue.ts';
import type { ConfigChange } from '../../model/change.ts';
import type { Attempt, GatewayRequest } from '../../model/request.ts';
import { exampleChange } from '../../model/testing/exampleChange.ts';
import { exampleRequest } from '../../store/conformance/exampleRequest.ts';
import { type ExplainInput, explainRequest } from '../explain.ts';

export const AT = Date.parse('2026-11-23T06:00:00Z');
export const SECOND = 1_000;

export const entry = (kind: string, id: string, name: string, value: object, revision = 10): CatalogueEntry => ({
  kind,
  id,
  name,
  environment: 'prod',
  revision,
  value: { display_name: name, ...value },
});
export const GPT = entry('model', 'm-1', 'gpt', { model_name: 'gpt-4o', provider_key_id: 'pk-1', timeout: 30_000 });
export const OTHER = entry('model', 'm-2', 'other', { model_name: 'gpt-4o', provider_key_id: 'pk-1' });
export const GROUP = entry('model', 'g-1', 'smart', { routing: { targets: [{ model: 'gpt' }, { model: 'other' }] } });
export const PROVIDER_KEY = entry('provider_key', 'pk-1', 'openai-prod', { telemetry_tags: { pk_label: 'openai' } });
export const CALLER_KEY = entry('api_key', 'ak-1', 'team-web', {
  allowed_models: ['gpt', 'smart', 'other'],
  team_id: 't-1',
});
export const ALL = [GPT, OTHER, GROUP, PROVIDER_KEY, CALLER_KEY];

/** Everything as wanted, served by `dp-1`, but for what is given instead. */
export function catalogue(given: Partial<Catalogue> = {}): Catalogue {
  return { environment: 'prod', at: AT, desired: ALL, inForce: { 'dp-1': ALL }, complete: true, ...given };
}
export const without = (...gone: readonly CatalogueEntry[]) => ALL.filter((one) => !gone.includes(one));
export const instead = (changed: CatalogueEntry) => ALL.map((one) => (one.id === changed.id ? changed : one));

export const attempt = (given: Partial<Attempt> = {}): Attempt => ({
  index: 0,
  kind: 'initial',
  model: 'gpt',
  modelId: 'm-1',
  outcome: 'provider_error',
  errorClass: 'upstream_status',
  status: 502,
  startTime: AT,
  endTime: AT + 100,
  durationMs: 100,
  dispatched: true,
  ...given,
});
export const request = (given: Partial<GatewayRequest> = {}) =>
  exampleRequest({
    startTime: AT,
    environment: 'prod',
    timing: 'measured',
    requestedModel: 'gpt',
    apiKeyId: 'ak-1',
    ...given,
  });
export const failed = (given: Partial<GatewayRequest> = {}, tries = [attempt()]) =>
  request({ status: 502, outcome: 'provider_error', errorClass: 'upstream_status', attempts: tries, ...given });
export const notFound = (model = 'gpt') =>
  request({ status: 404, outcome: 'not_found', errorClass: 'model_not_found', requestedModel: model, attempts: [] });

export const change = (seconds: number, given: Partial<ConfigChange> = {}): ConfigChange =>
  exampleChange({
    id: `c${seconds}`,
    occurredAt: AT + seconds * SECOND,
    observedAt: AT + seconds * SECOND,
    effective: [{ dataPlane: 'dp-1', at: AT + seconds * SECOND + 200 }],
    resource: { kind: 'model', id: 'm-1', name: 'gpt' },
    actor: { type: 'user', name: 'kim' },
    ...given,
  });

export const explain = (given: Partial<ExplainInput>) =>
  explainRequest({ request: failed(), catalogue: catalogue(), changes: [], ...given });
export const codes = (list: readonly { readonly code: string }[]) => list.map(({ code }) => code);
