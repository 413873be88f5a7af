import type { Context } from 'hono';
import type { AccessTokens, InputToken } from './accessTokens.ts';
import { HttpError } from './httpErrors.ts';
import type { ReceiverEnv } from './nodeRequest.ts';
import { peerIdentityOf } from './peerIdentity.ts';

/** For whom events are stored. */
export interface Sender {
  readonly environment: string;
  readonly dataPlane?: string;
}

export interface Senders {
  /**
   * @throws HttpError `unauthorized`, `unknown_environment`, `forbidden_environment` or `environment_required`.
   */
  of(c: Context<ReceiverEnv>): Sender;
}

/** Tells who sends: by certificate where there is a verified one, else by token. */
export function createSenders(tokens: AccessTokens, environmentOf: (nameOrId: string) => string | undefined): Senders {
  return {
    of(c) {
      const named = c.req.header('x-aisix-environment');
      const peer = peerIdentityOf(c);
      if (peer !== undefined) {
        const environment = environmentOf(peer.environment);
        if (environment === undefined) {
          throw new HttpError('unknown_environment', 'the environment of the client certificate is not configured');
        }
        if (named !== undefined && environmentOf(named) !== environment) throw wrongEnvironment('client certificate');
        return { environment, dataPlane: peer.dataPlane };
      }
      const entries = tokens.find(c.req.header('authorization'));
      if (entries.length === 0) {
        throw new HttpError(
          'unauthorized',
          'expected a client certificate with an environment and a data plane, or Authorization: Bearer with a token of the input telemetry',
        );
      }
      return senderOf(chosen(entries, named === undefined ? undefined : (environmentOf(named) ?? ''), named));
    },
  };
}

function chosen(
  entries: readonly InputToken[],
  environment: string | undefined,
  named: string | undefined,
): InputToken {
  const [only, another] = entries;
  if (named === undefined) {
    if (only !== undefined && another === undefined) return only;
    throw new HttpError('environment_required', 'the token has several environments: name one in x-aisix-environment');
  }
  const entry = entries.find((candidate) => candidate.environment === environment);
  if (entry === undefined) throw wrongEnvironment('token');
  return entry;
}

function wrongEnvironment(of: string): HttpError {
  return new HttpError('forbidden_environment', `x-aisix-environment does not name the environment of the ${of}`);
}

function senderOf({ environment, dataPlane }: InputToken): Sender {
  return dataPlane === undefined ? { environment } : { environment, dataPlane };
}
