import { beforeEach, describe, expect, it } from 'vitest';
import { createFeedBench } from '../receive/testing/feedBench.ts';
import { RECORDED_SECRETS, recordedChanges, STORIES } from '../redact/testing/recordedDocuments.ts';
import type { AdaptContext } from './adapted.ts';
import { adaptCanonical } from './canonical.ts';
import { adaptCloudEvent } from './cloudEvents.ts';
import type { PolledFields } from './fieldPath.ts';
import { adaptPolled } from './polled.ts';
import { actionOf, kindOf } from './words.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const EVENT = {
  schema_version: '1.0',
  id: 'evt_1',
  occurred_at: '2026-11-23T11:59:00Z',
  action: 'update',
  resource: { type: 'model', id: 'm-1' },
  environment: { name: 'prod' },
};

let context: AdaptContext;
beforeEach(() => {
  context = { ...createFeedBench(NOW), feed: { type: 'webhook', name: 'cloud' }, trust: 'signed', now: NOW };
});

function observed(event: unknown, adapt = adaptCanonical) {
  const adapted = adapt(event, context);
  if (!('observation' in adapted)) throw new Error(JSON.stringify(adapted));
  return adapted.observation;
}

describe('an audit event', () => {
  it.each<[string, object]>([
    ['unsupported_schema_version', { schema_version: '2.0' }],
    ['unsupported_schema_version', { schema_version: undefined }],
    ['unsupported_schema_version', { schema_version: 1 }],
    ['invalid_id', { id: undefined }],
    ['invalid_id', { id: '' }],
    ['invalid_id', { id: 'with space' }],
    ['invalid_id', { id: 'x'.repeat(257) }],
    ['invalid_id', { id: 'é' }],
    ['invalid_time', { occurred_at: 'yesterday' }],
    ['invalid_time', { occurred_at: '2026-11-23T11:59:00' }],
    ['invalid_time', { occurred_at: '2026-02-30T11:59:00Z' }],
    ['invalid_time', { occurred_at: '2019-12-31T23:59:59Z' }],
    ['invalid_time', { occurred_at: 1795435200 }],
    ['event_from_the_future', { occurred_at: '2026-11-23T12:10:00.001Z' }],
    ['invalid_action', { action: 'exploded' }],
    ['invalid_resource', { resource: { type: 'model' } }],
    ['invalid_resource', { resource: { type: '<b>', id: 'x' } }],
    ['invalid_field', { changes: [{ path: 5 }] }],
    ['invalid_field', { after: ['x'] }],
    ['invalid_field', { config_revision: -1 }],
  ])('is refused as %s: %j', (code, change) => {
    expect(adaptCanonical({ ...EVENT, ...change }, context)).toEqual({
      refused: { code, message: expect.any(String) },
    });
  });

  it.each([null, 5, 'x', [], undefined])('that is no object is refused: %j', (value) => {
    expect(adaptCanonical(value, context)).toMatchObject({ refused: { code: 'not_an_object' } });
  });

  it('is refused without quoting what it holds', () => {
    const hostile = { ...EVENT, action: 'sk-abcdefgh1234', schema_version: 'sk-abcdefgh1234', id: 'sk- abcdefgh1234' };
    expect(JSON.stringify(adaptCanonical(hostile, context))).not.toContain('sk-');
  });

  it.each<[object, string | null | undefined, string | null]>([
    [{ environment: { name: 'prod' } }, undefined, 'env-prod'],
    [{ environment: { id: 'env-prod', name: 'renamed' } }, undefined, 'env-prod'],
    [{ environment: { id: 'env-prod', name: 'staging' } }, undefined, 'env-prod'],
    [{ environment: { id: '', name: 'prod' } }, undefined, 'env-prod'],
    // An environment that is configured by its name alone has no other id to know it by.
    [{ environment: { id: '0b6f6a52', name: 'lab' } }, undefined, 'lab'],
    [{ environment: null }, undefined, null],
    [{ environment: null, resource: { type: 'member', id: 'x' } }, 'env-prod', null],
    [{ environment: undefined }, 'env-prod', 'env-prod'],
    [{ environment: {} }, 'env-prod', 'env-prod'],
    [{ environment: undefined, resource: { type: 'member', id: 'x' } }, 'env-prod', null],
  ])('belongs where it says, else where the feed does: %j of %s is %s', (change, own, environment) => {
    if (own) context = { ...context, environment: own };
    expect(observed({ ...EVENT, ...change }).environment).toBe(environment);
  });

  it('without any environment is refused, of another one too, and of an unknown one ignored', () => {
    expect(adaptCanonical({ ...EVENT, environment: undefined }, context)).toMatchObject({
      refused: { code: 'environment_required' },
    });
    expect(adaptCanonical(EVENT, { ...context, environment: 'env-staging' })).toMatchObject({
      refused: { code: 'forbidden_environment' },
    });
    for (const environment of [{ id: 'mars' }, { name: 'mars' }, { id: 'mars', name: 'prod' }]) {
      expect(adaptCanonical({ ...EVENT, environment }, context)).toEqual({ ignored: 'unknown_environment' });
    }
  });

  it('of one environment is not taken for one of all from a feed that may speak for one', () => {
    for (const type of ['model', 'provider_key', 'billing_plan']) {
      const event = { ...EVENT, environment: null, resource: { type, id: 'x' } };
      expect(adaptCanonical(event, { ...context, environment: 'env-prod' })).toMatchObject({
        refused: { code: 'forbidden_environment' },
      });
    }
  });

  it('has one identity and one content hash, whenever it comes and whatever else it says', () => {
    const first = observed(EVENT);
    context = { ...context, now: NOW + 5000 };
    const again = observed({ ...EVENT, future_field: 'new', user_agent: 'x' });
    expect([again.observationId, again.contentHash]).toEqual([first.observationId, first.contentHash]);
    expect(observed({ ...EVENT, action: 'delete' }).contentHash).not.toBe(first.contentHash);
    expect(JSON.stringify(again)).not.toContain('future_field');
  });

  it('keeps an id that holds a secret to itself, and still tells two apart', () => {
    const [a, b] = ['sk-abcdefgh1234', 'sk-abcdefgh9999'].map((id) =>
      observed({ ...EVENT, id, resource: { type: 'api_key', id } }),
    );
    expect(JSON.stringify([a, b])).not.toContain('sk-');
    expect(a?.observationId).not.toBe(b?.observationId);
    expect(a?.resource.id).not.toBe(b?.resource.id);
  });

  it('names its resource as it is after the change, and before it for a deletion', () => {
    const before = { display_name: 'old' };
    const after = { display_name: 'new' };
    expect(observed({ ...EVENT, before, after }).resource).toEqual({
      kind: 'model',
      id: 'm-1',
      name: 'new',
      previousName: 'old',
    });
    expect(observed({ ...EVENT, action: 'delete', before, after: null }).resource).toEqual({
      kind: 'model',
      id: 'm-1',
      name: 'old',
    });
    expect(
      observed({ ...EVENT, changes: [{ path: '/display_name', before: 'old', after: 'new' }] }).resource,
    ).toMatchObject({
      name: 'new',
      previousName: 'old',
    });
  });

  it('of an unknown kind says nothing but name and id, whether it brings documents or paths', () => {
    const unknown = { ...EVENT, resource: { type: 'billing_plan', id: 'b' } };
    const documents = observed({
      ...unknown,
      before: { name: 'a', field_hunterx: 1, q: 2 },
      after: { name: 'a', field_hunterx: 2, q: 3 },
    });
    const changes = observed({
      ...unknown,
      changes: [
        { path: '/secret_stuff/hunterpw', before: 1, after: 2 },
        { path: '/field_hunterx', before: 'x' },
        { path: '/name', after: 'a' },
      ],
    });
    expect(documents.paths).toMatchObject([{ path: '', secret: true }]);
    expect(changes.paths).toMatchObject([
      { path: '/name', after: 'a', secret: false },
      { path: '', secret: true },
    ]);
    expect(JSON.stringify([documents, changes])).not.toContain('hunter');
    expect(documents.after).toEqual({ name: 'a' });
  });

  it('takes the kinds of the gateway by their plural name too', () => {
    expect(observed({ ...EVENT, resource: { type: 'api_keys', id: 'k' } }).resource.kind).toBe('api_key');
  });

  it('of a real evening tells what was changed, and no secret', () => {
    const changes = STORIES.flatMap(recordedChanges);
    const observations = changes.map(({ n, occurred_at, action, resource, before, after, revision, actor }) =>
      observed({
        schema_version: '1.0',
        id: `${occurred_at}-${n}`,
        occurred_at,
        action,
        resource,
        environment: { name: 'prod' },
        before: before ?? null,
        after: after ?? null,
        actor: { type: 'user', name: actor },
        config_revision: revision,
      }),
    );
    expect(observations).toHaveLength(60);
    observations.forEach((one, index) => {
      const change = changes[index];
      expect(one).toMatchObject({
        action: change?.action,
        revision: change?.revision,
        actor: { name: change?.actor },
        resource: { kind: change?.resource.type, id: change?.resource.id },
        occurredAt: Date.parse(change?.occurred_at ?? ''),
      });
      expect(one.paths.length > 0).toBe(change?.action === 'update');
    });
    expect(observations.find(({ resource }) => resource.previousName)?.resource).toMatchObject({
      name: 'no-secret-words',
      previousName: 'no-secrets',
    });
    const told = JSON.stringify(observations);
    for (const secret of RECORDED_SECRETS) expect(told).not.toContain(secret);
  });
});

describe('a CloudEvent', () => {
  const CLOUD_EVENT = {
    specversion: '1.0',
    id: '7',
    source: '/ci/terraform',
    type: 'com.example.api_key.revoked',
    subject: 'k-1',
    time: '2026-11-23T11:59:00Z',
    datacontenttype: 'application/json; charset=utf-8',
    data: { environment: { name: 'prod' } },
  };

  it('says in its envelope what its data lacks', () => {
    expect(observed(CLOUD_EVENT, adaptCloudEvent)).toMatchObject({
      observationId: 'audit:cloud:/ci/terraform 7',
      action: 'revoke',
      resource: { kind: 'api_key', id: 'k-1' },
      occurredAt: NOW - 60_000,
    });
  });

  it('is identified by source and id', () => {
    const other = observed({ ...CLOUD_EVENT, source: '/ci/other' }, adaptCloudEvent);
    expect(other.observationId).not.toBe(observed(CLOUD_EVENT, adaptCloudEvent).observationId);
  });

  it.each<[string, object]>([
    ['unsupported_spec_version', { specversion: '0.3' }],
    ['unsupported_spec_version', { specversion: undefined }],
    ['invalid_id', { id: undefined }],
    ['invalid_field', { source: undefined }],
    ['unsupported_data', { data: 'text' }],
    ['unsupported_data', { data_base64: 'eA==' }],
    ['unsupported_data', { datacontenttype: 'application/xml' }],
    ['invalid_time', { time: undefined }],
    ['invalid_resource', { type: 'updated', subject: undefined }],
    ['unsupported_schema_version', { data: { schema_version: '2.0' } }],
  ])('is refused as %s: %j', (code, change) => {
    expect(adaptCloudEvent({ ...CLOUD_EVENT, ...change }, context)).toMatchObject({ refused: { code } });
  });
});

describe('a row of some audit log', () => {
  const FIELDS: PolledFields = {
    id: '/no',
    occurredAt: '/at',
    eventType: '/what',
    after: '/doc',
    status: '/http/code',
    error: '/why',
    kind: '/kind',
  };
  const row = (more: object) =>
    adaptPolled({ no: 5, at: 1795435000, what: 'x', ...more }, FIELDS, { ...context, environment: 'env-prod' });

  it.each([
    [1795435000, 1795435000000],
    [1795435000.5, 1795435000500],
    [1795435000123, 1795435000123],
    ['1795435000', 1795435000000],
    ['2026-11-23T11:56:40Z', 1795435000000],
  ])('has a time in seconds, milliseconds or RFC 3339: %s', (at, occurredAt) => {
    expect(row({ at, what: 'CreateModel', kind: undefined, resource: 'x', doc: { id: 'm' } })).toMatchObject({
      refused: { code: 'invalid_resource' },
    });
    const adapted = adaptPolled(
      { no: 5, at, what: 'CreateModel', rid: 'm' },
      { ...FIELDS, resourceId: '/rid' },
      { ...context, environment: 'env-prod' },
    );
    expect(adapted).toMatchObject({
      observation: { occurredAt, action: 'create', resource: { kind: 'model', id: 'm' } },
    });
  });

  it('is a failure by its status or its error, and has documents as objects or as text', () => {
    const fields = { ...FIELDS, resourceId: '/no' };
    const one = (more: object) =>
      adaptPolled({ no: 5, at: 1795435000, kind: 'models', what: 'update', ...more }, fields, {
        ...context,
        environment: 'env-prod',
      });
    expect(one({ http: { code: 403 } })).toMatchObject({ observation: { result: 'failure' } });
    expect(one({ why: 'no' })).toMatchObject({ observation: { result: 'failure', error: 'no' } });
    expect(one({ http: { code: 200 }, doc: '{"display_name":"smart"}' })).toMatchObject({
      observation: { result: 'success', after: { display_name: 'smart' }, resource: { kind: 'model', name: 'smart' } },
    });
    expect(one({ doc: '{"half' })).not.toMatchObject({ observation: { after: expect.anything() } });
  });
});

describe('words of events', () => {
  it.each([
    ['model.updated', 'update', 'model'],
    ['com.example.api_key.revoked', 'revoke', 'api_key'],
    ['CreateProviderKey', 'create', 'provider_key'],
    ['delete_service', 'delete', 'service'],
    ['api_key.rotated', 'rotate', 'api_key'],
    ['models', 'other', 'model'],
    ['updated', 'update', undefined],
    ['', 'other', undefined],
    ['guardrail/enable', 'enable', 'guardrail'],
  ])('%j: %s of %s', (name, action, kind) => {
    expect([actionOf(name), kindOf(name)]).toEqual([action, kind]);
  });
});
