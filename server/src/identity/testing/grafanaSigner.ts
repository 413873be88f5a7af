import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** Whom a Grafana lets in, as its tokens say it. */
export type GrafanaPerson = 'Viewer' | 'Editor' | 'Admin' | 'anonymous' | 'service-account';

type Claims = Readonly<Record<string, unknown>>;

export interface SignOptions {
  /** Epoch milliseconds at which Grafana makes the token; now unless given. */
  readonly at?: number;
  /** Organization; 1 unless given. */
  readonly organization?: number;
  /** Put over what a real one says; `undefined` takes a claim out. */
  readonly claims?: Claims;
  readonly header?: Claims;
}

/** A Grafana as far as its identities go. */
export interface GrafanaSigner {
  /** With a slash at its end, as Grafana writes its `root_url`. */
  readonly issuer: string;
  /** Of the present key. */
  readonly kid: string;
  readonly publicKey: KeyObject;
  /** What `GET /api/signing-keys/keys` answers. */
  jwks(): { readonly keys: readonly object[] };
  /** The value of `X-Grafana-Id`. */
  sign(person: GrafanaPerson, options?: SignOptions): string;
  /** A new key beside the ones that are listed; tokens are signed with it from now on. */
  rotate(kid: string): void;
}

/** How long Grafana 12.4 lets an identity hold. */
export const GRAFANA_TOKEN_SECONDS = 600;

/** Signs identities with the headers and claims that a Grafana 12.4 was seen to use. */
export function createGrafanaSigner(issuer = 'https://grafana.example/', kid = 'id-2026-11-es256'): GrafanaSigner {
  const keys = [newKey(kid)];
  const present = () => keys.at(-1) as SigningKey;
  return {
    issuer,
    get kid() {
      return present().kid;
    },
    get publicKey() {
      return present().publicKey;
    },
    jwks: () => ({
      keys: keys.map(({ kid, publicKey }) => {
        const { kty, crv, x, y } = publicKey.export({ format: 'jwk' });
        return { use: 'sig', kty, kid, crv, alg: 'ES256', x, y };
      }),
    }),
    sign(person, { at = Date.now(), organization = 1, claims = {}, header = {} } = {}) {
      const iat = Math.floor(at / 1000);
      return encodeJwt(
        { alg: 'ES256', kid: present().kid, typ: 'jwt', ...header },
        {
          aud: `org:${organization}`,
          iss: issuer,
          iat,
          exp: iat + GRAFANA_TOKEN_SECONDS,
          namespace: organization === 1 ? 'default' : `org-${organization}`,
          ...PEOPLE[person],
          ...claims,
        },
        (signed) => sign('sha256', signed, { key: present().privateKey, dsaEncoding: 'ieee-p1363' }),
      );
    },
    rotate(next) {
      keys.push(newKey(next));
    },
  };
}

/** A JWT in compact form with whatever stands in it; the signature is the caller's. */
export function encodeJwt(header: Claims, claims: Claims, signature: (signed: Buffer) => Uint8Array): string {
  const part = (value: Claims) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${Buffer.from(signature(Buffer.from(signed))).toString('base64url')}`;
}

interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

function newKey(kid: string): SigningKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { kid, privateKey, publicKey: createPublicKey(privateKey) };
}

const user = (id: number, role: string, name: string): Claims => ({
  sub: `user:${id}`,
  type: 'user',
  role,
  identifier: `user-${id}`,
  username: name,
  email: `${name}@example.com`,
  name,
  authenticatedBy: 'password',
});

const PEOPLE: Readonly<Record<GrafanaPerson, Claims>> = {
  Admin: user(1, 'Admin', 'admin'),
  Editor: user(2, 'Editor', 'editor'),
  Viewer: user(3, 'Viewer', 'viewer'),
  anonymous: { sub: 'anonymous:0', type: 'anonymous', role: 'Viewer', identifier: 'anonymous-0' },
  'service-account': {
    sub: 'service-account:4',
    type: 'service-account',
    role: 'Admin',
    identifier: 'service-account-4',
    username: 'sa-1-automation',
    name: 'automation',
    authenticatedBy: 'apikey',
  },
};
