import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { type Config, configFrom } from '../../index.ts';
import { createGrafanaSigner, encodeJwt, type GrafanaPerson, type SignOptions } from './grafanaSigner.ts';

export const PROD = '0b6f6a52-6e0b-4b0e-9a55-0a4e2f0f2a11';
export const STAGING = '5f3f1f3a-0a3e-4d2e-8b1e-7c1f5f3f1f3a';

/** Epoch milliseconds at which the callers call. */
export const NOW = Date.UTC(2026, 10, 25, 12);

export const SECRET = 'secret-of-the-data-source';
export const OTHER_SECRET = 'secret-of-the-other-data-source';

export const grafana = createGrafanaSigner();
/** Another Grafana, that is configured too. */
const second = createGrafanaSigner('https://second.example');
/** A Grafana that nobody configured; it calls its key as the first does. */
const stranger = createGrafanaSigner();

export const token = (scope: string) => `token-with-${scope}-0123456789`;

/** Two organizations of one Grafana, each with an environment, and a token for each scope. */
export function configOf(jwksUrl: string, grafanas: readonly object[] = []): Config {
  const entry = { issuer: 'https://grafana.example', jwks_url: jwksUrl };
  return configFrom({
    api: { host: '0.0.0.0' },
    environments: [
      { id: PROD, name: 'prod' },
      { id: STAGING, name: 'staging' },
    ],
    grafana: [
      { ...entry, org_id: 1, environments: ['prod'], secret: SECRET },
      { ...entry, org_id: 2, environments: ['staging'], secret: OTHER_SECRET },
      { ...entry, issuer: second.issuer, org_id: 1, environments: ['prod'], secret: SECRET },
      ...grafanas,
    ],
    access: {
      tokens: [
        ...['requests', 'changes', 'metrics', 'status'].map((scope) => ({
          name: scope,
          token: token(scope),
          scopes: [scope],
        })),
        { name: 'staging', token: token('staging'), scopes: ['requests', 'changes'], environments: ['staging'] },
      ],
    },
  }).config;
}

type Headers = Readonly<Record<string, string>>;

/** A proxy always says for whom it calls; without it everybody here would be of this machine. */
const FAR: Headers = { 'x-forwarded-for': '192.0.2.7' };

export const withIdentity = (identity: string, secret: string | undefined = SECRET): Headers => ({
  ...FAR,
  'user-agent': 'Grafana/12.4.0',
  'x-grafana-id': identity,
  ...(secret === undefined ? {} : { 'x-aisix-datasource-secret': secret }),
});

const signed = (person: GrafanaPerson, options: SignOptions = {}) => grafana.sign(person, { at: NOW, ...options });
const bearer = (scope: string): Headers => ({ ...FAR, authorization: `Bearer ${token(scope)}` });

/** What is in a real token of an admin, for forgeries. */
const [, payload = ''] = signed('Admin').split('.');
const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
const header = { kid: grafana.kid, typ: 'jwt' };
const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const hmacWith = (key: string | Buffer) =>
  encodeJwt({ ...header, alg: 'HS256' }, claims, (text) => createHmac('sha256', key).update(text).digest());
const ownJwk = own.publicKey.export({ format: 'jwk' });
const signedByOwn = (more: object) =>
  encodeJwt({ ...header, alg: 'ES256', ...more }, claims, (text) =>
    sign('sha256', text, { key: own.privateKey, dsaEncoding: 'ieee-p1363' }),
  );

/** What a caller hears, by what a route asks for: `ok`, or status and code. */
export interface Heard {
  readonly requests: string;
  readonly changes: string;
  readonly metrics: string;
  readonly status: string;
  readonly operator: string;
}

const everywhere = (what: string): Heard => ({
  requests: what,
  changes: what,
  metrics: what,
  status: what,
  operator: what,
});

const NOT_FOR_GRAFANA = '403 token_required';
const VIEWER: Heard = { ...everywhere(NOT_FOR_GRAFANA), requests: 'ok', changes: '403 audit_reader_required' };
const AUDIT_READER: Heard = { ...VIEWER, changes: 'ok' };
const withScope = (scope: keyof Heard): Heard => ({
  ...everywhere('403 scope_missing'),
  operator: 'ok',
  [scope]: 'ok',
});

/** Everybody who may come, with what they hear. Where it is `ok`, only `environments` are shown. */
export const CALLERS: readonly {
  readonly name: string;
  readonly headers: Headers;
  readonly heard: Heard;
  readonly environments?: readonly string[];
}[] = [
  {
    name: 'nobody',
    headers: FAR,
    heard: { ...everywhere('401 token_required'), requests: '401 identity_required', changes: '401 identity_required' },
  },
  {
    name: 'nobody through Grafana',
    headers: { ...FAR, 'user-agent': 'Grafana/12.4.0' },
    heard: { ...everywhere('403 token_required'), requests: '403 identity_required', changes: '403 identity_required' },
  },
  {
    name: 'nobody through a Grafana on this machine',
    headers: { 'user-agent': 'Grafana/12.4.0' },
    heard: { ...everywhere('403 token_required'), requests: '403 identity_required', changes: '403 identity_required' },
  },
  {
    name: 'this machine',
    headers: {},
    heard: { ...everywhere('ok'), requests: '401 identity_required', changes: '401 identity_required' },
    environments: [],
  },
  {
    name: 'this machine under a foreign name',
    headers: { host: 'rebound.example' },
    heard: { ...everywhere('401 token_required'), requests: '401 identity_required', changes: '401 identity_required' },
  },
  {
    name: 'a Grafana on this machine',
    headers: { 'x-grafana-id': signed('Viewer'), 'x-aisix-datasource-secret': SECRET },
    heard: VIEWER,
    environments: [PROD],
  },
  { name: 'a forger', headers: withIdentity(signedByOwn({})), heard: everywhere('403 identity_signature') },
  {
    name: 'a forger who brings the key along',
    headers: withIdentity(
      signedByOwn({ jwk: ownJwk, jku: 'https://evil.example/keys', x5u: 'https://evil.example/x' }),
    ),
    heard: everywhere('403 identity_signature'),
  },
  {
    name: 'another Grafana under the name of ours',
    headers: withIdentity(stranger.sign('Admin', { at: NOW })),
    heard: everywhere('403 identity_signature'),
  },
  {
    name: 'a token that ended',
    headers: withIdentity(signed('Admin', { at: NOW - 631_000 })),
    heard: everywhere('403 identity_expired'),
  },
  {
    name: 'a token that ended within the leeway',
    headers: withIdentity(signed('Admin', { at: NOW - 625_000 })),
    heard: AUDIT_READER,
    environments: [PROD],
  },
  {
    name: 'a token without an end',
    headers: withIdentity(signed('Admin', { claims: { exp: undefined } })),
    heard: everywhere('403 identity_claims'),
  },
  {
    name: 'a token of later',
    headers: withIdentity(signed('Admin', { claims: { nbf: NOW / 1000 + 31 } })),
    heard: everywhere('403 identity_not_yet_valid'),
  },
  {
    name: 'an access token',
    headers: withIdentity(signed('Admin', { header: { typ: 'at+jwt' } })),
    heard: everywhere('403 identity_claims'),
  },
  {
    name: 'another organization',
    headers: withIdentity(signed('Admin', { organization: 3 })),
    heard: everywhere('403 identity_audience'),
  },
  {
    name: 'several audiences',
    headers: withIdentity(signed('Admin', { claims: { aud: ['org:1', 'org:2'] } })),
    heard: everywhere('403 identity_audience'),
  },
  {
    name: 'another issuer',
    headers: withIdentity(signed('Admin', { claims: { iss: 'https://evil.example/' } })),
    heard: everywhere('403 identity_issuer'),
  },
  {
    name: 'an issuer without the slash',
    headers: withIdentity(signed('Admin', { claims: { iss: 'https://grafana.example' } })),
    heard: AUDIT_READER,
    environments: [PROD],
  },
  {
    name: 'an unknown key',
    headers: withIdentity(signed('Admin', { header: { kid: 'id-2031-01-es256' } })),
    heard: everywhere('403 identity_key_unknown'),
  },
  {
    name: 'no key',
    headers: withIdentity(signed('Admin', { header: { kid: undefined } })),
    heard: everywhere('403 identity_key_unknown'),
  },
  {
    name: 'alg none',
    headers: withIdentity(encodeJwt({ ...header, alg: 'none' }, claims, () => Buffer.alloc(0))),
    heard: everywhere('403 identity_algorithm'),
  },
  {
    name: 'HS256 with the public key as PEM',
    headers: withIdentity(hmacWith(grafana.publicKey.export({ type: 'spki', format: 'pem' }))),
    heard: everywhere('403 identity_algorithm'),
  },
  {
    name: 'HS256 with the public key as DER',
    headers: withIdentity(hmacWith(grafana.publicKey.export({ type: 'spki', format: 'der' }))),
    heard: everywhere('403 identity_algorithm'),
  },
  { name: 'nonsense', headers: withIdentity('nonsense'), heard: everywhere('403 identity_malformed') },
  {
    name: 'two identities',
    headers: withIdentity(`${signed('Viewer')}, ${signed('Admin')}`),
    heard: everywhere('403 identity_malformed'),
  },
  {
    name: 'an admin without the secret of the data source',
    headers: { ...FAR, 'x-grafana-id': signed('Admin') },
    heard: everywhere('403 datasource_secret_required'),
  },
  {
    name: 'an admin with the secret of the other data source',
    headers: withIdentity(signed('Admin'), OTHER_SECRET),
    heard: everywhere('403 datasource_secret_wrong'),
  },
  { name: 'anonymous', headers: withIdentity(signed('anonymous')), heard: VIEWER, environments: [PROD] },
  {
    name: 'anonymous as Admin',
    headers: withIdentity(signed('anonymous', { claims: { role: 'Admin' } })),
    heard: VIEWER,
    environments: [PROD],
  },
  { name: 'Viewer', headers: withIdentity(signed('Viewer')), heard: VIEWER, environments: [PROD] },
  { name: 'Editor', headers: withIdentity(signed('Editor')), heard: VIEWER, environments: [PROD] },
  { name: 'Admin', headers: withIdentity(signed('Admin')), heard: AUDIT_READER, environments: [PROD] },
  { name: 'service account', headers: withIdentity(signed('service-account')), heard: VIEWER, environments: [PROD] },
  {
    name: 'a user without a role',
    headers: withIdentity(signed('Viewer', { claims: { role: 'None' } })),
    heard: everywhere('403 identity_role'),
  },
  {
    name: 'a role in another case',
    headers: withIdentity(signed('Viewer', { claims: { role: 'admin' } })),
    heard: everywhere('403 identity_role'),
  },
  {
    name: 'a type that is not let in',
    headers: withIdentity(signed('Admin', { claims: { type: 'render' } })),
    heard: everywhere('403 identity_type'),
  },
  {
    name: 'a Viewer through a data source that carries a token',
    headers: { ...bearer('changes'), ...withIdentity(signed('Viewer')) },
    heard: VIEWER,
    environments: [PROD],
  },
  {
    name: 'Admin of the organization of another environment',
    headers: withIdentity(signed('Admin', { organization: 2 }), OTHER_SECRET),
    heard: AUDIT_READER,
    environments: [STAGING],
  },
  ...(['requests', 'changes', 'metrics', 'status'] as const).map((scope) => ({
    name: `token with ${scope}`,
    headers: bearer(scope),
    heard: withScope(scope),
    environments: [PROD, STAGING],
  })),
  {
    name: 'token of another environment',
    headers: bearer('staging'),
    heard: { ...withScope('requests'), changes: 'ok' },
    environments: [STAGING],
  },
  { name: 'unknown token', headers: bearer('nothing'), heard: everywhere('401 token_unknown') },
  {
    name: 'unknown token through Grafana',
    headers: { ...bearer('nothing'), 'user-agent': 'Grafana/12.4.0' },
    heard: everywhere('403 token_unknown'),
  },
];
