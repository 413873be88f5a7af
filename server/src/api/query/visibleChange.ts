import type { ConfigChange } from '@aisix-observability/evidence';
import type { Reader } from '../../identity/reader.ts';
import { ApiError } from '../errors.ts';
import { type EnvironmentName, seesOrganization } from './environments.ts';

/**
 * A change, where the reader may see it. What the reader may not see is answered like what is not there.
 *
 * @throws ApiError `change_unknown`
 */
export function visibleChange(
  change: ConfigChange | undefined,
  reader: Reader,
  environments: readonly EnvironmentName[],
): ConfigChange {
  const isVisible =
    change !== undefined &&
    (change.environment === null
      ? seesOrganization(reader.environments, environments)
      : reader.environments.includes(change.environment));
  if (change !== undefined && isVisible) return change;
  throw new ApiError('change_unknown', 'there is no change of that id among those that you may see');
}
