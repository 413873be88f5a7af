import { quote } from '../../config/problem.ts';
import { ApiError } from '../errors.ts';

/** An environment by id and by the name that people use. */
export interface EnvironmentName {
  readonly id: string;
  readonly name: string;
}

/** Most environments that a hint lists. */
const LISTED = 10;

/**
 * Ids of the environments that a query is about: the one it names, or all that the reader may see. What is not there
 * and what the reader may not see get the same answer, so that nobody learns of the other's environments.
 *
 * @throws ApiError `environment_unknown`, `environment_none`
 */
export function chooseEnvironments(
  asked: string | undefined,
  allowed: readonly string[],
  known: readonly EnvironmentName[],
): readonly string[] {
  if (allowed.length === 0) {
    throw new ApiError(
      'environment_none',
      'you may see no environment here',
      'the configuration says which environments an organization or a token may see',
    );
  }
  if (asked === undefined) return allowed;
  const id = environmentId(asked, allowed, known);
  if (id !== undefined) return [id];
  const names = allowed.slice(0, LISTED).map((each) => known.find((one) => one.id === each)?.name ?? each);
  throw new ApiError(
    'environment_unknown',
    `there is no environment ${quote(asked)} among those that you may see`,
    `you may see ${names.map((name) => quote(name)).join(', ')}${allowed.length > LISTED ? ', …' : ''}`,
  );
}

/** The id that is meant by an id or a name, among those allowed; ids go first. */
export function environmentId(
  asked: string,
  allowed: readonly string[],
  known: readonly EnvironmentName[],
): string | undefined {
  if (allowed.includes(asked)) return asked;
  return known.find(({ id, name }) => name === asked && allowed.includes(id))?.id;
}
