import type { Log, Recorder } from '@aisix-observability/pipeline';
import type { Config, GrafanaConfig } from '../config/config.ts';
import { type Asking, DATASOURCE_SECRET_HEADER, GRAFANA_ID_HEADER, type Identify, type Identity } from './asking.ts';
import { fetchKeys, JwksError } from './fetchKeys.ts';
import { grafanaReader } from './grafanaReader.ts';
import { readGrafanaToken, verifyGrafanaToken } from './grafanaToken.ts';
import type { Refusal } from './refusal.ts';
import { digestOf, isSame } from './sameSecret.ts';
import { createServiceTokens } from './serviceTokens.ts';
import { createSigningKeys, KEYS_COOL_DOWN_MILLIS, type SigningKeys } from './signingKeys.ts';
import { isThisMachine, LOCAL_READER } from './thisMachine.ts';

export interface IdentifyDeps {
  readonly log: Log;
  readonly recorder: Recorder;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  /** Milliseconds of a clock that nobody sets; ages of keys are measured with it. */
  readonly elapsed?: () => number;
  readonly fetch?: typeof globalThis.fetch;
  /** Of one fetch of signing keys. */
  readonly timeoutMillis?: number;
}

/**
 * Decides who is asking. What Grafana says goes first: a token that a data source carries must not lift every user of
 * it, so beside `X-Grafana-Id` no `Authorization` is looked at (a data source may also forward the user's own).
 */
export function createIdentify(
  config: Pick<Config, 'grafana' | 'access' | 'environments' | 'visibility'>,
  deps: IdentifyDeps,
): Identify {
  const { now = Date.now } = deps;
  const findToken = createServiceTokens(config);
  const keysOf = createKeys(config.grafana, deps);
  const secrets = new Map(
    config.grafana.flatMap((entry) => (entry.secret === undefined ? [] : [[entry, digestOf(entry.secret)] as const])),
  );

  const fromGrafana = async (token: string, asking: Asking): Promise<Identity> => {
    const unproved = readGrafanaToken(token, config.grafana);
    if ('status' in unproved) return { refusal: unproved };
    const { entry, kid } = unproved;
    const wanted = secrets.get(entry);
    const secret = wanted === undefined ? undefined : secretRefusal(wanted, asking.header(DATASOURCE_SECRET_HEADER));
    if (secret !== undefined) return { refusal: secret };
    const key = (await keysOf.get(entry.jwksUrl)?.key(kid)) ?? 'unavailable';
    const proved = await verifyGrafanaToken(unproved, { key, now: now() });
    if ('status' in proved) return { refusal: withRetry(proved) };
    const reader = grafanaReader(proved.claims, entry);
    return 'status' in reader ? { refusal: reader } : { reader };
  };

  return async (asking) => {
    const token = asking.header(GRAFANA_ID_HEADER);
    if (token !== undefined) return fromGrafana(token, asking);
    const given = /^Bearer +([^\s]+)$/i.exec(asking.header('authorization') ?? '')?.[1];
    if (given !== undefined) {
      const reader = findToken(given);
      if (reader !== undefined) return { reader };
      return { refusal: { status: 401, code: 'token_unknown', message: 'this token is not known' } };
    }
    return { reader: isThisMachine(asking) ? LOCAL_READER : undefined };
  };
}

const withRetry = (refusal: Refusal): Refusal =>
  refusal.status === 503 ? { ...refusal, retryAfter: KEYS_COOL_DOWN_MILLIS / 1000 } : refusal;

function secretRefusal(wanted: Buffer, given: string | undefined): Refusal | undefined {
  if (given !== undefined && isSame(digestOf(given), wanted)) return undefined;
  return {
    status: 403,
    code: given === undefined ? 'datasource_secret_required' : 'datasource_secret_wrong',
    message: `expected the secret of the data source in \`X-Aisix-Datasource-Secret\`, found ${given === undefined ? 'none' : 'another one'}`,
    hint: 'the secret of the data source in Grafana and `grafana[].secret` of the configuration must be the same',
  };
}

/** By URL: the organizations of one Grafana share its keys. */
function createKeys(entries: readonly GrafanaConfig[], deps: IdentifyDeps): ReadonlyMap<string, SigningKeys> {
  const { log, recorder, fetch = globalThis.fetch, elapsed = () => performance.now(), timeoutMillis } = deps;
  const create = (url: string, issuer: string) =>
    createSigningKeys({
      elapsed,
      fetchKeys: () => fetchKeys(url, { fetch, ...(timeoutMillis === undefined ? {} : { timeoutMillis }) }),
      onFetched(error) {
        const code = error === undefined ? 'ok' : error instanceof JwksError ? error.code : 'failed';
        recorder.count('aisix_grafana_key_fetches', 1, { result: code });
        if (error !== undefined) {
          log('warn', 'The signing keys of Grafana cannot be fetched; keys that are known go on for a day.', {
            issuer,
            code,
            error,
          });
        }
      },
    });
  return new Map(entries.map(({ jwksUrl, issuer }) => [jwksUrl, create(jwksUrl, issuer)]));
}
