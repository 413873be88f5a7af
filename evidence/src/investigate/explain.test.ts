import { describe, expect, it } from 'vitest';
import type { Catalogue, CatalogueEntry } from '../model/catalogue.ts';
import type { ConfigChange } from '../model/change.ts';
import type { Attempt, GatewayRequest } from '../model/request.ts';
import { exampleRequest } from '../store/conformance/exampleRequest.ts';
import { type ExplainInput, explainRequest } from './explain.ts';

const AT = Date.parse('2026-11-23T06:00:00Z');
const SECOND = 1_000;

const entry = (kind: string, id: string, name: string, value: object, revision = 10): CatalogueEntry => ({
  kind,
  id,
  name,
  environment: 'prod',
  revision,
  value: { display_name: name, ...value },
});
const GPT = entry('model', 'm-1', 'gpt', { model_name: 'gpt-4o', provider_key_id: 'pk-1', timeout: 30_000 });
const OTHER = entry('model', 'm-2', 'other', { model_name: 'gpt-4o', provider_key_id: 'pk-1' });
const GROUP = entry('model', 'g-1', 'smart', { routing: { targets: [{ model: 'gpt' }, { model: 'other' }] } });
const PROVIDER_KEY = entry('provider_key', 'pk-1', 'openai-prod', { telemetry_tags: { pk_label: 'openai' } });
const CALLER_KEY = entry('api_key', 'ak-1', 'team-web', { allowed_models: ['gpt', 'smart', 'other'], team_id: 't-1' });
const ALL = [GPT, OTHER, GROUP, PROVIDER_KEY, CALLER_KEY];

/** Everything as wanted, served by `dp-1`, but for what is given instead. */
function catalogue(given: Partial<Catalogue> = {}): Catalogue {
  return { environment: 'prod', at: AT, desired: ALL, inForce: { 'dp-1': ALL }, complete: true, ...given };
}
const without = (...gone: readonly CatalogueEntry[]) => ALL.filter((one) => !gone.includes(one));
const instead = (changed: CatalogueEntry) => ALL.map((one) => (one.id === changed.id ? changed : one));

const attempt = (given: Partial<Attempt> = {}): Attempt => ({
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
const request = (given: Partial<GatewayRequest> = {}) =>
  exampleRequest({
    startTime: AT,
    environment: 'prod',
    timing: 'measured',
    requestedModel: 'gpt',
    apiKeyId: 'ak-1',
    ...given,
  });
const failed = (given: Partial<GatewayRequest> = {}, tries = [attempt()]) =>
  request({ status: 502, outcome: 'provider_error', errorClass: 'upstream_status', attempts: tries, ...given });
const notFound = (model = 'gpt') =>
  request({ status: 404, outcome: 'not_found', errorClass: 'model_not_found', requestedModel: model, attempts: [] });

const change = (seconds: number, given: Partial<ConfigChange> = {}): ConfigChange => ({
  id: `c${seconds}`,
  occurredAt: AT + seconds * SECOND,
  observedAt: AT + seconds * SECOND,
  effective: [{ dataPlane: 'dp-1', at: AT + seconds * SECOND + 200 }],
  action: 'update',
  resource: { kind: 'model', id: 'm-1', name: 'gpt' },
  environment: 'prod',
  paths: [],
  result: 'success',
  trust: 'signed',
  state: 'applied',
  foundLate: false,
  conflict: false,
  source: 'dashboard',
  actor: { type: 'user', name: 'kim' },
  ...given,
});

const explain = (given: Partial<ExplainInput>) =>
  explainRequest({ request: failed(), catalogue: catalogue(), changes: [], ...given });
const codes = (list: readonly { readonly code: string }[]) => list.map(({ code }) => code);

describe('a resource-projection failure', () => {
  const older = entry('model', 'm-1', 'gpt', { provider_key_id: 'pk-0', timeout: 10 }, 9);

  it('is not what a provider error shows, even where an older document served', () => {
    const served = catalogue({ inForce: { 'dp-1': instead(older) } });
    const said = explain({ catalogue: served, changes: [change(-600, { state: 'rejected', effective: [] })] });
    expect(said.outcomeClass).toBe('provider');
    expect(codes(said.evidence)).toContain('serving_older');
    expect(said.resources.find(({ id }) => id === 'm-1')).toMatchObject({
      standing: 'refused',
      revision: 9,
      wanted: { revision: 10 },
    });
  });

  it('is what a record with another model under the name shows', () => {
    const said = explain({ request: failed({}, [attempt({ modelId: 'm-0' })]) });
    expect([said.outcomeClass, said.evidence[0]?.code]).toEqual(['projection_failure', 'wrong_model']);
    // Not while a change is on its way.
    const moving = explain({ request: failed({}, [attempt({ modelId: 'm-0' })]), changes: [change(-0.5)] });
    expect(moving.outcomeClass).toBe('provider');
    expect(codes(moving.unknowns)).toContain('in_transition');
  });

  it('is what a record with the label of another provider key shows', () => {
    const labelled = (providerKeyLabel: string) => failed({}, [attempt({ providerKeyLabel })]);
    expect(explain({ request: labelled('openai') }).outcomeClass).toBe('provider');
    const said = explain({ request: labelled('azure') });
    expect([said.outcomeClass, said.evidence[0]?.code]).toEqual(['projection_failure', 'wrong_provider_key']);
  });

  it('is what the gateway refuses by a document that was not wanted any more, when that decides it', () => {
    const closed = entry('api_key', 'ak-1', 'team-web', { allowed_models: ['other'], team_id: 't-1' }, 9);
    const forbidden = request({ status: 403, outcome: 'forbidden', errorClass: 'permission_denied', attempts: [] });
    const served = catalogue({ inForce: { 'dp-1': instead(closed) } });
    const said = explain({ request: forbidden, catalogue: served });
    expect([said.outcomeClass, said.evidence[0]?.code]).toEqual(['projection_failure', 'document_pending']);
    // A difference elsewhere decides nothing.
    const renamedUser = entry('api_key', 'ak-1', 'team-web', { allowed_models: ['gpt', 'smart', 'other'] }, 9);
    const harmless = explain({
      request: forbidden,
      catalogue: catalogue({ inForce: { 'dp-1': instead(renamedUser) } }),
    });
    expect(harmless.outcomeClass).toBe('policy');
  });

  it('is a model that was saved and is not served; not within the time that this takes', () => {
    const pending = catalogue({ inForce: { 'dp-1': without(GPT) } });
    const created = (seconds: number) => change(seconds, { action: 'create', effective: [] });
    expect(explain({ request: notFound(), catalogue: pending, changes: [created(-300)] }).outcomeClass).toBe(
      'projection_failure',
    );
    const fresh = explain({ request: notFound(), catalogue: pending, changes: [created(-5)] });
    expect(fresh.outcomeClass).toBe('gateway_configuration');
    expect(codes(fresh.unknowns)).toContain('in_transition');
  });
});

describe('what only the configuration tells', () => {
  it('a model that somebody deleted is not a typing error of the caller', () => {
    const deleted = change(-12.2, { action: 'delete', actor: { type: 'user', name: 'kim' } });
    const gone = catalogue({ desired: without(GPT), inForce: { 'dp-1': without(GPT) } });
    const said = explain({ request: notFound(), catalogue: gone, changes: [deleted] });
    expect(said.outcomeClass).toBe('gateway_configuration');
    expect(said.sentence).toContain('"gpt" was deleted 12 s before');
    expect(explain({ request: notFound('gtp') }).outcomeClass).toBe('caller');
  });

  it('a group with a target that does not exist is not a malformed request', () => {
    const refused = request({
      status: 400,
      outcome: 'invalid_request',
      errorClass: 'invalid_request_error',
      requestedModel: 'smart',
      attempts: [],
    });
    expect(explain({ request: refused }).outcomeClass).toBe('caller');
    const gone = catalogue({ desired: without(OTHER), inForce: { 'dp-1': without(OTHER) } });
    const said = explain({ request: refused, catalogue: gone });
    expect([said.outcomeClass, said.evidence[0]?.code]).toEqual(['gateway_configuration', 'target_missing']);
    // Where only changes are told, what is not listed may exist.
    expect(explain({ request: refused, catalogue: { ...gone, complete: false } }).outcomeClass).toBe('caller');
  });

  it('the limit that a provider was too slow for', () => {
    const late = failed({ status: 504, outcome: 'provider_timeout', errorClass: 'timeout' }, [
      attempt({ outcome: 'provider_timeout', status: 504, errorClass: 'timeout' }),
    ]);
    const said = explain({ request: late });
    expect(said.evidence.find(({ code }) => code === 'timeout_in_force')?.text).toContain('30 s');
    expect(said.attempts[0]).toMatchObject({ providerKey: 'openai-prod', proves: expect.stringContaining('30 s') });
  });
});

describe('what a request touched', () => {
  const roles = (given: Partial<ExplainInput>) =>
    explain(given).resources.map(({ role, name, id }) => `${role} ${name ?? id}`);

  it('is its key, the group with its targets, their provider keys, and the policies whose scope holds it', () => {
    const policies = [
      entry('rate_limit_policy', 'r-1', 'of the team', { scope: 'team', scope_ref: 't-1' }),
      entry('rate_limit_policy', 'r-2', 'of another', { scope: 'team', scope_ref: 't-2' }),
      entry('rate_limit_policy', 'r-3', 'of models', {
        conditions: [{ dimension: 'model_name', operator: 'in', value: ['gpt', 'x'] }],
      }),
      entry('guardrail', 'gr-1', 'words', { kind: 'keyword' }),
      entry('guardrail', 'gr-2', 'elsewhere', { kind: 'keyword' }),
      entry('guardrail_attachment', 'ga-1', 'a', { guardrail_id: 'gr-1', scope_type: 'model', scope_id: 'm-2' }),
      entry('guardrail_attachment', 'ga-2', 'b', { guardrail_id: 'gr-2', scope_type: 'model', scope_id: 'm-9' }),
      entry('cache_policy', 'cp-1', 'cache', { applies_to: 'model:smart' }),
    ];
    const all = [...ALL, ...policies];
    const touched = roles({
      request: failed({ requestedModel: 'smart' }),
      catalogue: catalogue({ desired: all, inForce: { 'dp-1': all } }),
    });
    expect(touched).toEqual([
      'caller key team-web',
      'requested model smart',
      'target gpt',
      'provider key openai-prod',
      'target other',
      'rate limit of the team',
      'rate limit of models',
      'cache policy cache',
      'guardrail attachment a',
      'guardrail words',
    ]);
  });

  it('is known by names where there is no configuration', () => {
    const said = explain({ catalogue: undefined });
    expect(said.resources.map(({ role, standing }) => [role, standing])).toEqual([
      ['caller key', 'unknown'],
      ['requested model', 'unknown'],
    ]);
    expect(said.changesSentence).toContain('not known');
    expect(codes(said.unknowns)).toContain('configuration_unknown');
  });
});

describe('two clocks', () => {
  const newer = entry('model', 'm-1', 'gpt', { provider_key_id: 'pk-1', timeout: 60_000 }, 11);
  const two = (seconds: number, second?: number) =>
    change(seconds, {
      effective: [
        { dataPlane: 'dp-1', at: AT + seconds * SECOND },
        ...(second === undefined ? [] : [{ dataPlane: 'dp-2', at: AT + second * SECOND }]),
      ],
    });

  it('where the record names no data plane, it is in transition from the first to the last one', () => {
    const catalogueOf = (dp2: readonly CatalogueEntry[]) =>
      catalogue({ desired: instead(newer), inForce: { 'dp-1': instead(newer), 'dp-2': dp2 } });
    const standing = (given: Partial<ExplainInput>) =>
      explain(given).resources.find(({ id }) => id === 'm-1')?.standing;
    expect(standing({ catalogue: catalogueOf(ALL), changes: [two(-10, 10)] })).toBe('in_transition');
    expect(standing({ catalogue: catalogueOf(instead(newer)), changes: [two(-10, -5)] })).toBe('in_force');
    expect(standing({ catalogue: catalogueOf(ALL), changes: [two(-10)] })).toBe('in_transition');
    expect(standing({ catalogue: catalogueOf(ALL), changes: [two(-600)] })).toBe('pending');
    const named = failed({ dataPlane: 'dp-2' });
    const said = explain({ request: named, catalogue: catalogueOf(ALL), changes: [two(-10, 10)] });
    expect(said.resources.find(({ id }) => id === 'm-1')).toMatchObject({ standing: 'pending', revision: 10 });
    expect(said.changes[0]?.met).toBe('not_in_force');
    expect(said.configuration.source).toBe('data_plane');
  });

  it('without any data plane the saved value counts, after the time that projection may take', () => {
    const saved = catalogue({ inForce: {} });
    const changes = (seconds: number) => [change(seconds, { effective: [] })];
    const met = (seconds: number) => explain({ catalogue: saved, changes: changes(seconds) }).changes[0]?.met;
    expect([met(-10), met(-60)]).toEqual(['in_transition', 'unknown']);
  });

  it('times that are put together are half a second wide', () => {
    const edge = [change(-1.6)];
    expect(explain({ changes: edge }).changes[0]?.met).toBe('in_force');
    expect(explain({ request: failed({ timing: 'reconstructed' }), changes: edge }).changes[0]?.met).toBe(
      'in_transition',
    );
  });
});

describe('what a data plane says of itself', () => {
  const saysOf = (rejected: { kind: string; id: string }[], state = 'degraded') => ({
    'dp-1': { state, at: AT - 60_000, rejected },
  });

  it('is evidence, and refuses a document whose change nobody told', () => {
    const older = entry('model', 'm-1', 'gpt', { provider_key_id: 'pk-0', timeout: 10 }, 9);
    const states = saysOf([{ kind: 'model', id: 'm-1' }]);
    const said = explain({ catalogue: catalogue({ inForce: { 'dp-1': instead(older) }, states }) });
    expect(said.resources.find(({ id }) => id === 'm-1')?.standing).toBe('refused');
    expect(said.evidence.find(({ code }) => code === 'data_plane_state')?.text).toMatch(
      /"dp-1" was degraded .* 1 document refused/,
    );
    // Without its documents what it serves is not known, only that it is another one.
    const blind = explain({ catalogue: catalogue({ inForce: {}, states }) });
    expect(blind.resources.find(({ id }) => id === 'm-1')).toMatchObject({
      standing: 'refused',
      wanted: { revision: 10 },
    });
  });

  it('is not worth a word when all is well', () => {
    const said = explain({ catalogue: catalogue({ states: saysOf([], 'synced') }) });
    expect(codes(said.evidence)).not.toContain('data_plane_state');
  });
});

describe('the changes before', () => {
  it('are those of what it touched, newest first, with their age', () => {
    const said = explain({
      changes: [
        change(-3_600),
        change(-60, { resource: { kind: 'provider_key', id: 'pk-1', name: 'openai-prod' } }),
        change(-30, { resource: { kind: 'model', id: 'm-9', name: 'stranger' } }),
        change(-90_000),
        change(30),
      ],
    });
    expect(said.changes.map(({ role, ageMs }) => [role, Math.round(ageMs / SECOND)])).toEqual([
      ['provider key', 60],
      ['requested model', 3_600],
    ]);
    expect(said.changesSentence).toBe(
      'The provider key "openai-prod" was updated 60 s before it, and 1 more change in the 24 h before.',
    );
  });

  it('are said plainly to be none', () => {
    expect(explain({}).changesSentence).toBe('Nothing that it touched changed in the 24 h before it.');
  });

  it('may be missing where a feed was silent, and their authors where nobody told', () => {
    const said = explain({
      changes: [change(-60, { actor: undefined } as never)],
      silences: [
        { feed: 'cache', from: AT - 600 * SECOND, to: AT - 300 * SECOND },
        { feed: 'later', from: AT + 5 },
      ],
      changesCut: true,
    });
    expect(codes(said.unknowns)).toEqual(['feed_silent', 'changes_cut', 'actor_unknown']);
    expect(said.unknowns[0]).toMatchObject({ from: AT - 600 * SECOND, to: AT - 300 * SECOND });
  });
});
