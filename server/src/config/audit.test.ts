import { POLL_PRESETS } from '@aisix-observability/audit-bridge';
import { describe, expect, it } from 'vitest';
import { configFrom } from './parse.ts';
import { ConfigError } from './problem.ts';

const PROD = '0b6f6a52-6e0b-4b0e-9a55-0a4e2f0f2a11';
const STAGING = '5a6f6a52-6e0b-4b0e-9a55-0a4e2f0f2a12';
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const ENVIRONMENTS = {
  environments: [
    { id: PROD, name: 'prod' },
    { id: STAGING, name: 'staging' },
  ],
};

const read = (document: object) =>
  configFrom({ ...ENVIRONMENTS, ...document }, { baseDir: '/srv', env: { HOME: '/root' } }).config;

function problemsOf(document: object): Record<string, string> {
  try {
    read(document);
  } catch (error) {
    if (error instanceof ConfigError) {
      return Object.fromEntries(error.problems.map(({ path, found, expected }) => [path, `${found} | ${expected}`]));
    }
    throw error;
  }
  return {};
}

const FULL = {
  audit: {
    webhooks: [{ path: '/audit/cloud', secrets: [SECRET], environment: 'prod' }],
    agents: [{ name: 'a1', secrets: [SECRET], environment: 'staging', data_plane: 'dp-2' }],
    watch: [
      { kind: 'config_cache', path: 'cache.json', environment: 'prod', data_plane: 'dp-1' },
      { kind: 'resources_file', path: '/etc/aisix/resources.yaml', environment: 'prod' },
      {
        kind: 'etcd',
        endpoints: ['https://etcd:2379'],
        prefix: '/aisix/prod',
        environment: 'prod',
        tls: { ca_file: 'ca.pem' },
      },
      {
        kind: 'status',
        url: 'http://dp-1:9090/status/config',
        interval: '5s',
        environment: 'prod',
        data_plane: 'dp-1',
      },
    ],
    poll: [
      { preset: 'api7_enterprise', url: 'https://api7.example/api/audit_logs', token: 'abcdefgh' },
      { name: 'own', url: 'https://log.example/', rows: '/data', fields: { id: '/id', occurred_at: ['/at', '/time'] } },
    ],
  },
  annotations: [
    {
      name: 'main',
      url: 'http://127.0.0.1:3000',
      token: 'glsa_x',
      org_id: 1,
      timeline_url: 'https://g.example/d/x?from={from}',
    },
  ],
};

describe('audit and annotations in the file', () => {
  it('come out in the words of the server, with environments as ids and paths made absolute', () => {
    const { audit, annotations } = read(FULL);
    expect(audit?.webhooks).toMatchObject([{ path: '/audit/cloud', secrets: [SECRET], environment: PROD }]);
    expect(audit?.agents).toEqual([{ name: 'a1', secrets: [SECRET], environment: STAGING, dataPlane: 'dp-2' }]);
    expect(audit?.watch).toMatchObject([
      { kind: 'config_cache', path: '/srv/cache.json', environment: PROD, dataPlane: 'dp-1' },
      { kind: 'resources_file', path: '/etc/aisix/resources.yaml' },
      { kind: 'etcd', endpoints: ['https://etcd:2379'], prefix: '/aisix/prod', tls: { caFile: '/srv/ca.pem' } },
      { kind: 'status', url: 'http://dp-1:9090/status/config', intervalMillis: 5000 },
    ]);
    expect(audit?.poll).toMatchObject([
      { source: { rows: '/list', permission: 'iam:GetAudit' }, intervalMillis: 15_000 },
      { name: 'own', source: { rows: '/data', shape: { id: '/id', occurredAt: ['/at', '/time'] } } },
    ]);
    expect(annotations).toMatchObject([{ name: 'main', orgId: 1, detail: 'neutral' }]);
  });

  it.each<[string, object, object[], readonly string[] | undefined]>([
    ['everything where no organization is known', {}, [], undefined],
    ['what its list says', { environments: ['staging'] }, [], [STAGING]],
    ['everything, by name', { environments: ['staging', PROD] }, [], undefined],
    ['what its users may ask for', {}, [{ environments: ['prod'] }], [PROD]],
    [
      'what its users may ask for, at another address',
      { url: 'http://inside:3000' },
      [{ environments: ['prod'] }],
      [PROD],
    ],
    [
      'everything where its users are those of another organization',
      {},
      [{ org_id: 2, environments: ['prod'] }],
      undefined,
    ],
    [
      'what the users of the same address may ask for',
      {},
      [
        { environments: ['prod'] },
        { issuer: 'https://other.example', jwks_url: 'https://other.example/k', environments: ['staging'] },
      ],
      [PROD],
    ],
    [
      'nothing where it may be any of two that have nothing in common',
      { org_id: undefined },
      [{ environments: ['prod'] }, { org_id: 2, environments: ['staging'] }],
      [],
    ],
    [
      'its own list, whatever its users may ask for',
      { environments: ['staging'] },
      [{ environments: ['prod'] }],
      [STAGING],
    ],
  ])('draw %s', (_, target, grafana, environments) => {
    const reader = {
      issuer: 'http://127.0.0.1:3000/',
      jwks_url: 'http://127.0.0.1:3000/api/signing-keys/keys',
      org_id: 1,
    };
    const { annotations } = read({
      ...FULL,
      annotations: [{ ...FULL.annotations[0], ...target }],
      grafana: grafana.map((one) => ({ ...reader, ...one })),
    });
    expect(annotations[0]?.environments).toEqual(environments);
  });

  it('keep the fields of a preset that the file does not name', () => {
    const url = 'https://api7.example/api/audit_logs';
    const { audit } = read({
      audit: { poll: [{ preset: 'api7_enterprise', url, fields: { kind: '/resource_type' } }] },
    });
    expect(audit?.poll[0]?.source.shape).toMatchObject({
      id: '/id',
      occurredAt: '/event_time',
      kind: '/resource_type',
    });
  });

  it('keep their names when the order of a list changes', () => {
    const names = (document: typeof FULL) => read(document).audit?.watch.map(({ name }) => name);
    const turned = { ...FULL, audit: { ...FULL.audit, watch: FULL.audit.watch.toReversed() } };
    expect(names(turned)).toEqual(names(FULL)?.toReversed());
    expect(new Set(names(FULL)).size).toBe(4);
  });

  it('are off when they are not there', () => {
    expect(read({})).toMatchObject({ annotations: [] });
    expect(read({}).audit).toBeUndefined();
  });

  it('say what is wrong, by path', () => {
    const problems = problemsOf({
      audit: {
        webhooks: [
          { path: '/audit/cloud', secrets: ['too short'] },
          { path: '/audit/cloud', secrets: [] },
          { path: '/audit/agent', secrets: [SECRET] },
          { path: '/elsewhere', secrets: [SECRET], environment: 'nowhere' },
        ],
        agents: [
          { name: 'a', secrets: [SECRET], data_plane: 'dp-1' },
          { name: 'a', secrets: [SECRET], environment: 'prod', data_plane: 'dp-1' },
        ],
        watch: [
          { kind: 'config_cache', environment: 'prod', url: 'http://x/' },
          { kind: 'etcd', environment: 'prod', endpoints: [], prefix: '/a' },
          { kind: 'gopher', environment: 'prod' },
        ],
        poll: [{ url: 'https://log.example/' }, { url: 'https://user:pass@log.example/', preset: 'canonical' }],
      },
      annotations: [
        { name: 'main', url: 'http://g/', token: 'x', timeline_url: 'https://g/{nothing}' },
        { name: 'main', url: 'http://g/', token: 'x', org_id: 0, environments: [] },
        { name: 'third', url: 'http://g/', token: 'x', environments: ['nowhere'] },
      ],
    });
    expect(Object.keys(problems).sort()).toEqual(
      [
        'annotations[0].timeline_url',
        'annotations[1].environments',
        'annotations[1].name',
        'annotations[1].org_id',
        'annotations[2].environments[0]',
        'audit.agents[0].environment',
        'audit.agents[1].data_plane',
        'audit.agents[1].name',
        'audit.poll[0].fields',
        'audit.poll[1].url',
        'audit.watch[0].data_plane',
        'audit.watch[0].path',
        'audit.watch[0].url',
        'audit.watch[1].endpoints',
        'audit.watch[2].kind',
        'audit.webhooks[0].secrets[0]',
        'audit.webhooks[1].path',
        'audit.webhooks[1].secrets',
        'audit.webhooks[2].path',
        'audit.webhooks[3].environment',
        'audit.webhooks[3].path',
      ].sort(),
    );
    expect(JSON.stringify(problems)).not.toMatch(/too short|user:pass/);
    expect(problemsOf({ annotations: FULL.annotations })).toHaveProperty('annotations');
  });

  describe('beside a preset', () => {
    const sourceOf = (entry: object) =>
      read({ ...FULL, audit: { poll: [{ url: 'https://log.example/', ...entry }] } }).audit?.poll[0]?.source;
    const pollProblems = (entry: object) =>
      Object.keys(problemsOf({ audit: { poll: [{ url: 'https://log.example/', ...entry }] } }));
    const api7 = { preset: 'api7_enterprise' };
    const canonical = { preset: 'canonical' };

    it('fields are added to those of the preset, and replace the same ones', () => {
      const source = sourceOf({ ...api7, fields: { kind: '/resource_type', actor_name: '/who' } });
      expect(source?.shape).toEqual({
        ...(POLL_PRESETS.api7_enterprise.shape as object),
        kind: '/resource_type',
        actorName: '/who',
      });
    });

    it('paging of the same kind is completed by that of the preset, and another one is not', () => {
      expect(sourceOf({ ...canonical, paging: { type: 'cursor', param: 'after' } })?.paging).toEqual({
        type: 'cursor',
        param: 'after',
        next: '/next_cursor',
      });
      expect(sourceOf({ ...api7, paging: { type: 'page', first: 0 } })?.paging).toEqual({
        type: 'page',
        param: 'page',
        first: 0,
        total: '/total',
      });
      expect(sourceOf({ ...api7, paging: { type: 'page' } })?.paging).toEqual(POLL_PRESETS.api7_enterprise.paging);
      expect(sourceOf({ ...api7, paging: { type: 'none' } })?.paging).toEqual({ type: 'none' });
    });

    it('what neither of both says is missing', () => {
      expect(pollProblems({ ...canonical, fields: { kind: '/type' } })).toEqual([
        'audit.poll[0].fields.id',
        'audit.poll[0].fields.occurred_at',
      ]);
      expect(pollProblems({ ...canonical, paging: { type: 'page' } })).toEqual(['audit.poll[0].paging.param']);
      expect(pollProblems({ ...api7, paging: { type: 'cursor', param: 'after' } })).toEqual([
        'audit.poll[0].paging.next',
      ]);
      expect(pollProblems({ ...api7, format: 'canonical', fields: { kind: '/type' } })).toEqual([
        'audit.poll[0].fields',
      ]);
      expect(pollProblems({ ...api7, fields: { kind: '/type' }, paging: { type: 'page' } })).toEqual([]);
    });
  });

  it('want of an agent the key of the server, and something to watch', () => {
    const agent = { url: 'https://server.example/audit/agent', secret: SECRET, data_plane: 'dp-1' };
    expect(Object.keys(problemsOf({ agent }))).toEqual(expect.arrayContaining(['redaction', 'agent']));
    const redaction = { key: 'redaction-key-of-tests' };
    expect(problemsOf({ redaction, agent: { ...agent, cache_file: 'c.json' } })).toEqual({});
    expect(problemsOf({ destinations: [{ name: 'd', endpoint: 'http://x', signals: [] }] })).toHaveProperty([
      'destinations[0].signals',
    ]);
  });

  it('let a destination take spans, log events, or both', () => {
    const destination = (more: object) => ({
      destinations: [{ name: 'd', endpoint: 'http://127.0.0.1:4318/x', ...more }],
    });
    const both = read(destination({ filter: { environments: ['prod'] }, log_events: { actor: 'name' } }));
    expect(both.destinations).toMatchObject([{ url: 'http://127.0.0.1:4318/x/v1/traces' }]);
    expect(both.logDestinations).toMatchObject([
      { url: 'http://127.0.0.1:4318/x/v1/logs', environments: [PROD], actor: 'name', values: false },
    ]);
    expect(read(destination({ signals: ['traces'] })).logDestinations).toEqual([]);
    expect(read(destination({ signals: ['logs'] }))).toMatchObject({
      destinations: [],
      logDestinations: [{ name: 'd' }],
    });
  });
});
