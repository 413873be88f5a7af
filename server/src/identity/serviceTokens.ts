import type { AccessTokenConfig, Config } from '../config/config.ts';
import type { Reader } from './reader.ts';
import { digestOf, isSame } from './sameSecret.ts';

export type ServiceTokens = (given: string) => Reader | undefined;

/** Readers by the tokens of `access.tokens`. */
export function createServiceTokens(config: Pick<Config, 'access' | 'environments' | 'visibility'>): ServiceTokens {
  const known = config.access.tokens.map((token) => ({
    digest: digestOf(token.token),
    reader: readerOf(token, config),
  }));
  return (given) => {
    const digest = digestOf(given);
    let found: Reader | undefined;
    // Looks at all of them, so that the time does not tell which one it was.
    for (const token of known) if (isSame(token.digest, digest)) found = token.reader;
    return found;
  };
}

function readerOf(
  { name, scopes, environments }: AccessTokenConfig,
  config: Pick<Config, 'environments' | 'visibility'>,
): Reader {
  const audit = scopes.includes('changes');
  return {
    kind: 'token',
    id: `token:${name}`,
    name,
    scopes,
    audit,
    environments: environments ?? config.environments.map(({ id }) => id),
    visibility: audit ? config.visibility.auditReaders : config.visibility.viewers,
  };
}
