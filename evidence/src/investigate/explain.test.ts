import { describe, expect, it } from 'vitest';
import type { CatalogueEntry } from '../model/catalogue.ts';
import type { ExplainInput } from './explain.ts';
import {
  ALL,
  AT,
  attempt,
  CALLER_KEY,
  catalogue,
  change,
  codes,
  entry,
  explain,
  failed,
  GPT,
  instead,
  notFound,
  OTHER,
  request,
  SECOND,
  without,
} from './testing/exampleExplanation.ts';

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
    const proves = expect.stringContaining('the limit in force is 30 s, which does not explain it');
    expect(said.attempts[0]).toMatchObject({ providerKey: 'openai-prod', proves });
    const streamed = { ...GPT, value: { ...GPT.value, stream_timeout: 100 } };
    const other = catalogue({ desired: instead(streamed), inForce: { 'dp-1': instead(streamed) } });
    expect(explain({ request: { ...late, stream: true }, catalogue: other }).attempts[0]?.proves).toMatch(
      /the limit in force is 100 ms\.$/,
    );
  });
});

describe('a rate limit', () => {
  const policy = entry('rate_limit_policy', 'r-1', 'of the key', { scope: 'api_key', scope_ref: 'ak-1' });
  const limited = request({ status: 429, outcome: 'rate_limited', errorClass: 'rate_limit_exceeded', attempts: [] });
  const said = (entries: readonly CatalogueEntry[]) =>
    explain({ request: limited, catalogue: catalogue({ desired: entries, inForce: { 'dp-1': entries } }) });

  it('is named where only one can be meant, and else those that may be', () => {
    expect(said([...ALL, policy]).sentence).toContain('A rate limit, most likely the policy "of the key", refused it');
    const own = { ...CALLER_KEY, value: { ...CALLER_KEY.value, rate_limit: { rpm: 10 } } };
    const two = said([...instead(own), policy]);
    expect(two.sentence).toContain('A rate limit refused it before any attempt');
    expect(two.evidence[0]).toEqual({
      code: 'limits_in_force',
      text: 'Limits that may have: that of the caller key "team-web", the policy "of the key".',
    });
    expect(said(instead(own)).sentence).toContain('most likely that of the caller key "team-web"');
    expect(said(ALL).sentence).toContain('A rate limit refused it');
  });
});

it('a model that somebody renamed is not a typing error of the caller either', () => {
  const uno = entry('model', 'm-1', 'uno', GPT.value as object);
  const renamed = change(-60, {
    resource: { kind: 'model', id: 'm-1', name: 'uno', previousName: 'gpt' },
    paths: [{ path: '/display_name', before: 'gpt', after: 'uno', secret: false }],
  });
  const now = [...without(GPT), { ...uno, value: { ...uno.value, display_name: 'uno' } }];
  const said = explain({
    request: notFound(),
    catalogue: catalogue({ desired: now, inForce: { 'dp-1': now } }),
    changes: [renamed],
  });
  expect([said.outcomeClass, said.sentence]).toEqual([
    'gateway_configuration',
    'The model "gpt" was renamed to "uno" 60 s before, and callers still ask for it.',
  ]);
});

describe('what only the cloud knows', () => {
  const team = entry('team', 't-1', 'web people', {});
  const budget = (id: string, scope: string, ref: string) => entry('budget', id, id, { scope, scope_ref: ref });
  const told = [team, budget('of the team', 'team', 't-1'), budget('of others', 'team', 't-2')];
  const over = request({ status: 429, outcome: 'budget', errorClass: 'billing_error', attempts: [] });
  const lowered = change(-300, { resource: { kind: 'budget', id: 'of the team', name: 'of the team' }, effective: [] });

  it('is touched by its scope, is never served by a data plane, and its change is listed', () => {
    const said = explain({ request: over, catalogue: catalogue({ desired: [...ALL, ...told] }), changes: [lowered] });
    expect(said.sentence).toBe(
      'A budget, most likely "of the team", is used up, so the gateway refused the request (429 billing_error).',
    );
    expect(said.resources.map(({ kind, name, standing }) => [kind, name, standing])).toEqual([
      ['api_key', 'team-web', 'in_force'],
      ['team', 'web people', 'wanted_only'],
      ['model', 'gpt', 'in_force'],
      ['provider_key', 'openai-prod', 'in_force'],
      ['budget', 'of the team', 'wanted_only'],
    ]);
    expect(said.changesSentence).toMatch(/^The budget "of the team" was updated 5 min before it/);
  });
});

it('a refusal of a model that is limited to networks says so', () => {
  const limited = { ...GPT, value: { ...GPT.value, allowed_cidrs: ['10.0.0.0/8'] } };
  const refused = request({ status: 403, outcome: 'forbidden', errorClass: 'permission_denied', attempts: [] });
  const of = (entries: readonly CatalogueEntry[]) =>
    codes(
      explain({ request: refused, catalogue: catalogue({ desired: entries, inForce: { 'dp-1': entries } }) }).evidence,
    );
  expect(of(instead(limited))).toContain('networks_limited');
  expect(of(ALL)).not.toContain('networks_limited');
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

  it('while nobody looked at the data plane, nothing is a projection failure', () => {
    const older = catalogue({ inForce: { 'dp-1': without(OTHER) } });
    const told = change(-300, {
      action: 'create',
      resource: { kind: 'model', id: 'm-2', name: 'other' },
      effective: [{ dataPlane: 'dp-1', at: AT + 600 * SECOND }],
    });
    const away = { feed: 'cache', dataPlane: 'dp-1', from: AT - 400 * SECOND, to: AT + 600 * SECOND };
    const asked = { request: notFound('other'), catalogue: older, changes: [told] };
    expect(explain(asked).outcomeClass).toBe('projection_failure');
    const said = explain({ ...asked, silences: [away] });
    expect(said.outcomeClass).not.toBe('projection_failure');
    expect(said.changes[0]?.met).toBe('unknown');
    // Who is silent beside another data plane hides nothing of this one.
    expect(explain({ ...asked, silences: [{ ...away, dataPlane: 'dp-9' }] }).outcomeClass).toBe('projection_failure');
    // A silence that has not ended hides what was made in it.
    const open = { feed: 'cache', dataPlane: 'dp-1', from: AT - 400 * SECOND };
    const unheard = { ...asked, changes: [{ ...told, effective: [] }] };
    expect(explain(unheard).outcomeClass).toBe('projection_failure');
    expect(explain({ ...unheard, silences: [open] }).outcomeClass).not.toBe('projection_failure');
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
