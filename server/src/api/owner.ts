import type { Reader } from '../identity/reader.ts';
import type { EnvironmentName } from './query/environments.ts';

/** Whoever may open the data directory: reads everything, as the files themselves would show it. */
export function ownerReader(environments: readonly EnvironmentName[]): Reader {
  return {
    kind: 'local',
    id: 'owner',
    name: 'owner of the data directory',
    scopes: ['requests'],
    audit: true,
    environments: environments.map(({ id }) => id),
    visibility: {},
  };
}
