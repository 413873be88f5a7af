import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import type { GrafanaConfig } from '../config/config.ts';
import { quote } from '../config/problem.ts';
import { bareIssuer } from '../config/toReaders.ts';
import type { Refusal } from './refusal.ts';
import { shown } from './shown.ts';
import type { KeyAnswer } from './signingKeys.ts';

/** Real ones have 700 characters; decoding costs what came. */
export const MAX_IDENTITY_CHARACTERS = 8 * 1024;

/** How far the clocks of Grafana and of this server may be apart. The token itself holds for 600 s. */
export const LEEWAY_SECONDS = 30;

/** The only algorithm that Grafana signs identities with; a choice would be the sender's. */
const ALGORITHM = 'ES256';

const refuse = (code: string, message: string, hint?: string): Refusal => ({
  status: 403,
  code,
  message,
  ...(hint === undefined ? {} : { hint }),
});

/** What a token says before anything of it is proved. */
export interface UnprovedToken {
  readonly token: string;
  readonly kid: string;
  readonly entry: GrafanaConfig;
}

/**
 * Reads what is needed to find the configuration that the token is to be held to: the entry with its issuer and its
 * audience. Nothing of it is believed yet.
 */
export function readGrafanaToken(token: string, entries: readonly GrafanaConfig[]): UnprovedToken | Refusal {
  if (entries.length === 0) {
    return refuse(
      'grafana_not_configured',
      'a Grafana says who is asking, and no Grafana is configured',
      'add its issuer, jwks_url and org_id to the section `grafana` of the configuration',
    );
  }
  const malformed = refuse('identity_malformed', 'expected a signed JWT in `X-Grafana-Id`, found something else');
  if (token.length > MAX_IDENTITY_CHARACTERS) return malformed;
  let header: ReturnType<typeof decodeProtectedHeader>;
  let claims: JWTPayload;
  try {
    header = decodeProtectedHeader(token);
    claims = decodeJwt(token);
  } catch {
    return malformed;
  }
  if (header.alg !== ALGORITHM) {
    return refuse('identity_algorithm', `expected an identity signed with ${ALGORITHM}, found ${shown(header.alg)}`);
  }
  if (typeof header.kid !== 'string') {
    return refuse('identity_key_unknown', 'expected the id of the signing key (`kid`), found none');
  }
  const entry = entryOf(claims, entries);
  return 'status' in entry ? entry : { token, kid: header.kid, entry };
}

/** Enough to see the mistake; the rest would only tell strangers who else is served. */
const SHOWN_ENTRIES = 3;
const oneOf = (values: readonly string[]): string => {
  const distinct = [...new Set(values)];
  return distinct.slice(0, SHOWN_ENTRIES).join(' or ') + (distinct.length > SHOWN_ENTRIES ? ' or others' : '');
};

function entryOf({ iss, aud }: JWTPayload, entries: readonly GrafanaConfig[]): GrafanaConfig | Refusal {
  const ofIssuer = entries.filter(({ issuer }) => typeof iss === 'string' && bareIssuer(iss) === issuer);
  if (ofIssuer.length === 0) {
    return refuse(
      'identity_issuer',
      `expected the issuer ${oneOf(entries.map(({ issuer }) => quote(issuer)))}, found ${shown(iss)}`,
      'the issuer is the `root_url` of Grafana; `grafana[].issuer` of the configuration must be the same',
    );
  }
  const audience = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
  const entry = ofIssuer.find(({ orgId }) => audience === audienceOf(orgId));
  if (entry !== undefined) return entry;
  return refuse(
    'identity_audience',
    `expected the audience ${oneOf(ofIssuer.map(({ orgId }) => quote(audienceOf(orgId))))}, found ${shown(audience)}`,
    'the audience is `org:` and the id of the Grafana organization; `grafana[].org_id` must be the same',
  );
}

const audienceOf = (orgId: number) => `org:${orgId}`;

export interface VerifyOptions {
  readonly key: KeyAnswer;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Proves the token by the key of its entry. @returns its claims, or what is wrong with it. */
export async function verifyGrafanaToken(
  { token, kid, entry }: UnprovedToken,
  { key, now }: VerifyOptions,
): Promise<{ readonly claims: JWTPayload } | Refusal> {
  if (key === 'unavailable') {
    return {
      status: 503,
      code: 'identity_keys_unavailable',
      message: 'identities cannot be checked: the signing keys of Grafana cannot be fetched',
      hint: 'see the log of this server for why; `grafana[].jwks_url` must be reachable from it',
    };
  }
  if (key === 'unknown') {
    return refuse(
      'identity_key_unknown',
      `expected a signing key that the Grafana of this issuer lists, found ${quote(kid)}`,
      '`grafana[].jwks_url` must be of the Grafana that signs; a key that is new is known within 30 s',
    );
  }
  try {
    // `jku`, `jwk` and `x5u` of the header have no say: the key is ours.
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      typ: 'jwt',
      issuer: [entry.issuer, `${entry.issuer}/`],
      audience: audienceOf(entry.orgId),
      requiredClaims: ['exp', 'sub'],
      clockTolerance: LEEWAY_SECONDS,
      currentDate: new Date(now),
    });
    return { claims: payload };
  } catch (error) {
    return refusalOf(error, now);
  }
}

const instant = (seconds: unknown): string =>
  typeof seconds === 'number' && Math.abs(seconds) < 8.64e12 ? new Date(seconds * 1000).toISOString() : 'no time';

function refusalOf(error: unknown, now: number): Refusal {
  if (error instanceof errors.JWTExpired) {
    return refuse(
      'identity_expired',
      `expected an identity that still holds at ${instant(now / 1000)}, found one that ended at ${instant(error.payload.exp)}`,
      'Grafana makes a new one every ten minutes; compare the clocks of both machines',
    );
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'nbf') {
      return refuse(
        'identity_not_yet_valid',
        `expected an identity that holds at ${instant(now / 1000)}, found one that begins at ${instant(error.payload.nbf)}`,
        'compare the clocks of Grafana and of this machine',
      );
    }
    return refuse('identity_claims', `expected an identity with a valid claim ${quote(error.claim)}, found none`);
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return refuse(
      'identity_signature',
      'expected a signature of the key that the identity names, found another one',
      '`grafana[].jwks_url` must be of the Grafana that signs',
    );
  }
  return refuse('identity_malformed', 'expected a signed JWT in `X-Grafana-Id`, found something else');
}
