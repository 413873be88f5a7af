import { describe, expect, it } from 'vitest';
import { createKeyedHash } from './keyedHash.ts';
import { ETCD_KINDS, wireKind } from './kinds.ts';
import { createRedactor } from './redactor.ts';
import { RECORDED_SECRETS, recordedChanges, recordedDocuments, STORIES } from './testing/recordedDocuments.ts';

const redactor = createRedactor({ hash: createKeyedHash('key of this test') });
const ALL = STORIES.flatMap(recordedDocuments);
const CHANGES = STORIES.flatMap(recordedChanges);

const keyHashes = [
  ...new Set(ALL.flatMap(({ document }) => (typeof document.key_hash === 'string' ? [document.key_hash] : []))),
];
const SECRETS = [...RECORDED_SECRETS, ...keyHashes];

/** The first recorded document of a kind with this name. */
function shown(kind: string, name: string): Readonly<Record<string, unknown>> {
  const found = ALL.find(
    (one) => wireKind(one.kind) === kind && (one.document.display_name ?? one.document.name) === name,
  );
  if (found === undefined) throw new Error(`no ${kind} ${name} in the recordings`);
  return redactor.redactResource(kind, found.document).value;
}

describe('documents of real gateways', () => {
  it('hold the secrets that are looked for', () => {
    const clear = JSON.stringify(ALL);
    expect(keyHashes.length).toBeGreaterThanOrEqual(3);
    expect(SECRETS.filter((secret) => clear.includes(secret))).toEqual(
      SECRETS.filter((secret) => secret !== 'secretexample'),
    );
    expect(new Set(ALL.map(({ kind }) => kind)).size).toBe(8);
  });

  it('lose every secret, whichever way they go', () => {
    const kept = JSON.stringify([
      ALL.map(({ kind, document }) => redactor.redactResource(kind, document)),
      ALL.map(({ kind, document }) => redactor.redactResource(wireKind(kind), document)),
      CHANGES.map(({ resource, before, after }) => [
        redactor.changedPaths(resource.type, before, after),
        redactor.redactResource(resource.type, before),
        redactor.redactResource(resource.type, after),
      ]),
    ]);
    for (const secret of SECRETS) expect(kept).not.toContain(secret);
    expect(kept).not.toContain('forbidden-word');
  });

  it('are of kinds with rules, each with a name where the kind has one', () => {
    for (const { kind, document } of ALL) {
      const { known, name } = redactor.redactResource(kind, document);
      expect(known).toBe(true);
      expect(Object.keys(ETCD_KINDS)).toContain(kind);
      expect(name).toBe(document.display_name ?? document.name);
    }
  });

  it('stay readable in what a change is judged by', () => {
    expect(shown('provider_key', 'openai-prod')).toEqual({
      display_name: 'openai-prod',
      provider: 'openai',
      adapter: 'openai',
      api_base: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v1$/),
      secret: expect.stringMatching(/^hmac:[0-9a-f]{12}$/),
      telemetry_tags: { kind: 'catalog', featured: true, branded_provider: 'openai', pk_label: 'openai-prod' },
    });
    expect(shown('model', 'smart')).toEqual({
      display_name: 'smart',
      routing: { strategy: 'failover', targets: [{ model: 'gpt-4o' }, { model: 'backup-small' }] },
    });
    expect(shown('model', 'mistral-large')).toMatchObject({ model_name: 'mistral-large', timeout: 30000 });
    expect(shown('api_key', 'team-web')).toEqual({
      display_name: 'team-web',
      key_hash: expect.stringMatching(/^hmac:[0-9a-f]{12}$/),
      allowed_models: ['*'],
    });
    expect(shown('rate_limit_policy', 'batch-limit')).toMatchObject({
      scope: 'api_key',
      window: 'minute',
      max_requests: 100000,
    });
    expect(shown('guardrail', 'no-secrets')).toEqual({
      name: 'no-secrets',
      kind: 'keyword',
      enabled: true,
      hook_point: 'input',
      patterns: [{ kind: 'literal', value: expect.stringMatching(/^hmac:[0-9a-f]{12}$/) }],
    });
    expect(shown('observability_exporter', 'otlp')).toMatchObject({
      endpoint: 'http://127.0.0.1:4319/v1/traces',
      headers: { authorization: expect.stringMatching(/^hmac:[0-9a-f]{12}$/) },
      sample_rate: 1,
    });
    expect(shown('cache_policy', 'backup-cache')).toMatchObject({ ttl_seconds: 30, applies_to: 'model:backup-small' });
  });

  it('show what changed', () => {
    const paths = CHANGES.filter(({ before, after }) => before && after).map(({ resource, before, after }) => [
      resource.name,
      redactor.changedPaths(resource.type, before, after).map(({ path, secret }) => (secret ? `${path} *` : path)),
    ]);
    expect(paths).toMatchSnapshot();
  });

  it('show equal secrets as equal', () => {
    const rotations = CHANGES.filter(
      ({ resource }) => resource.name === 'openai-prod' && resource.type === 'provider_key',
    )
      .flatMap(({ before, after }) => redactor.changedPaths('provider_key', before, after))
      .filter(({ path }) => path === '/secret');
    const [away, back] = rotations;
    expect(away?.before).not.toBe(away?.after);
    expect(back).toEqual({ path: '/secret', before: away?.after, after: away?.before, secret: true });
  });
});
