import { describe, expect, it } from 'vitest';
import { configFrom } from './parse.ts';
import { ConfigError } from './problem.ts';
import { PERSONAL_FIELDS } from './readers.ts';

const GRAFANA = { issuer: 'https://grafana.example/', jwks_url: 'https://grafana.example/keys', org_id: 1 };
const TWO = [{ id: 'a', name: 'prod' }, { id: 'b' }];

const read = (file: object) => configFrom(file).config;

function problemsOf(file: object): string[] {
  try {
    read(file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, found, expected }) => `${path}: found ${found}, expected ${expected}`);
  }
  return [];
}

describe('who may ask', () => {
  it('is filled in: admins that are users read changes, the only environment is seen, persons are hashed', () => {
    expect(read({ grafana: [GRAFANA] }).grafana).toEqual([
      {
        issuer: 'https://grafana.example',
        jwksUrl: 'https://grafana.example/keys',
        orgId: 1,
        environments: ['default'],
        auditRoles: ['Admin'],
        auditTypes: ['user'],
        viewerTypes: ['user', 'service-account', 'anonymous'],
        visibility: {
          viewers: {
            'jwt.subject': 'hashed',
            'client.address': 'hashed',
            'client.userAgent': 'hashed',
            'client.identity': 'hashed',
          },
          auditReaders: Object.fromEntries(PERSONAL_FIELDS.map((field) => [field, 'clear'])),
        },
      },
    ]);
  });

  it('may see fields otherwise, for all and for one Grafana', () => {
    const { grafana, visibility } = read({
      visibility: { viewers: { 'client.address': 'hidden', 'client.identity': 'clear' } },
      grafana: [
        {
          ...GRAFANA,
          visibility: { viewers: { 'client.identity': 'hidden' }, audit_readers: { 'jwt.subject': 'hashed' } },
        },
      ],
    });
    expect(visibility.viewers).toMatchObject({ 'client.address': 'hidden', 'client.identity': 'clear' });
    expect(grafana[0]?.visibility.viewers).toMatchObject({ 'client.address': 'hidden', 'client.identity': 'hidden' });
    expect(grafana[0]?.visibility.auditReaders).toMatchObject({ 'client.address': 'clear', 'jwt.subject': 'hashed' });
  });

  it('is told what is wrong', () => {
    const grafana = [
      GRAFANA,
      { ...GRAFANA, issuer: 'https://grafana.example', environments: ['nowhere'] },
      { issuer: 'grafana', jwks_url: 'file:///etc/passwd', org_id: 0, audit_roles: ['admin'], environments: [] },
      { ...GRAFANA, org_id: 2, audit_types: ['anonymous'], environments: ['prod'], sercet: 'x' },
    ];
    expect(
      problemsOf({
        environments: TWO,
        api: { host: '0.0.0.0' },
        grafana,
        visibility: { viewers: { requestedModel: 'hidden', 'jwt.subject': 'no' } },
      }),
    ).toMatchInlineSnapshot(`
      [
        "grafana[2].issuer: found "grafana", expected an http:// or https:// URL without user, password or fragment (credentials go to \`headers\`)",
        "grafana[2].jwks_url: found "file:///etc/passwd", expected an http:// or https:// URL without user, password or fragment (credentials go to \`headers\`)",
        "grafana[2].org_id: found 0, expected the id of a Grafana organization from 1 to 9007199254740991",
        "grafana[2].audit_roles[0]: found "admin", expected one of Viewer, Editor, Admin",
        "grafana[3].audit_types[0]: found "anonymous", expected one of user, service-account",
        "grafana[3].sercet: found an unknown key "sercet", expected one of issuer, jwks_url, org_id, environments, audit_roles, audit_types, viewer_types, secret, visibility",
        "visibility.viewers["jwt.subject"]: found "no", expected one of clear, hashed, hidden",
        "visibility.viewers.requestedModel: found an unknown key "requestedModel", expected one of jwt.subject, client.address, client.userAgent, client.identity",
        "grafana[1].environments[0]: found "nowhere", expected the id or the name of one of the environments ("prod", "a", "b")",
        "grafana[0].secret: found nothing, expected a secret, since \`api\` listens beyond this machine",
        "grafana[0].environments: found nothing, expected the ids or names of the environments that this organization may see",
        "grafana[1].secret: found nothing, expected a secret, since \`api\` listens beyond this machine",
        "grafana[1]: found the same ones, expected an issuer and an org_id that entry 0 does not have",
        "grafana[2].secret: found nothing, expected a secret, since \`api\` listens beyond this machine",
        "grafana[2].environments: found an empty list, expected the ids or names of the environments that this organization may see",
        "grafana[3].secret: found nothing, expected a secret, since \`api\` listens beyond this machine",
      ]
    `);
  });

  it('needs a secret only where the api listens beyond this machine', () => {
    const beyond = { api: { host: '10.0.0.7' } };
    expect(problemsOf({ ...beyond, grafana: [GRAFANA] })).toHaveLength(1);
    expect(problemsOf({ ...beyond, grafana: [{ ...GRAFANA, secret: 'a-secret' }] })).toEqual([]);
    for (const host of ['127.0.0.1', '::1', 'localhost']) {
      expect(problemsOf({ api: { host }, grafana: [GRAFANA] })).toEqual([]);
    }
  });

  it('hears that keys over plain http can be changed on the way', () => {
    const { warnings } = configFrom({ grafana: [{ ...GRAFANA, jwks_url: 'http://grafana:3000/keys' }] });
    expect(warnings.join()).toMatch(/signing keys over plain http/);
  });

  it('has tokens that differ', () => {
    const token = { token: 'the-same-token', scopes: ['requests'] };
    const problems = problemsOf({
      access: {
        tokens: [
          { ...token, name: 'a' },
          { ...token, name: 'b' },
        ],
      },
    });
    expect(problems).toEqual([
      'access.tokens[1].token: found a text (not shown), expected a token that entry 0 of this list does not have',
    ]);
  });
});
