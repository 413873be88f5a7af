import type { GroupLimit, ReadScope, RequestSelection } from '@aisix-observability/evidence';
import type { FilterBody } from '../contract/bodies.ts';
import { ApiError } from '../errors.ts';
import { API_LIMITS } from '../limits.ts';
import { chooseEnvironments, type EnvironmentName } from './environments.ts';
import { findField, specOf } from './fields.ts';
import { checkFilters } from './filters.ts';
import { checkRange } from './range.ts';

/** Who asks, and which environments have which names. */
export interface Asking {
  readonly scope: ReadScope;
  readonly environments: readonly EnvironmentName[];
}

interface ConditionsBody {
  readonly environment?: string | undefined;
  readonly filters: readonly FilterBody[];
  readonly text?: string | undefined;
}

/** The reader's scope, narrowed to what the query names. */
export function narrowScope(environment: string | undefined, { scope, environments }: Asking): ReadScope {
  return { ...scope, environments: chooseEnvironments(environment, scope.environments, environments) };
}

/** Conditions of a query without a time. @throws ApiError */
export function checkConditions(
  { environment, filters, text }: ConditionsBody,
  asking: Asking,
): Pick<RequestSelection, 'scope' | 'filters' | 'text'> {
  return {
    scope: narrowScope(environment, asking),
    filters: checkFilters(filters, asking.scope, asking.environments),
    // An empty search box is none.
    ...(text === undefined || text.trim() === '' ? {} : { text }),
  };
}

/** Everything that says which requests are meant. @throws ApiError */
export function checkSelection(
  body: ConditionsBody & { readonly from: number; readonly to: number },
  asking: Asking,
): RequestSelection {
  checkRange(body);
  return { ...checkConditions(body, asking), from: body.from, to: body.to };
}

/** Fields to group by. @throws ApiError `field_unknown`, `field_hidden`, `field_not_groupable`, `value_invalid` */
export function checkGrouping(
  { groupBy, topN }: { readonly groupBy: readonly string[]; readonly topN: number },
  scope: ReadScope,
): GroupLimit {
  const fields = groupBy.map((name, index) => {
    const place = `groupBy[${index}]`;
    const field = findField(name, place, scope);
    if (specOf(field).groupable !== true) {
      throw new ApiError('field_not_groupable', `\`${place}\` is \`${field}\`, which has too many values to group by`);
    }
    if (groupBy.indexOf(name) !== index) throw new ApiError('value_invalid', `\`${place}\` is there twice`);
    return field;
  });
  return { groupBy: fields, topN };
}

/**
 * Refuses what would be more than one answer may hold, before anything is counted.
 *
 * @throws ApiError `buckets_too_many`, `points_too_many`
 */
export function checkPoints(query: {
  readonly from: number;
  readonly to: number;
  readonly intervalMs?: number | undefined;
  readonly groups: number;
  readonly measures: number;
}): void {
  const { from, to, intervalMs, groups, measures } = query;
  // Buckets start at multiples of the interval, so a range may touch one more than it is long.
  const buckets = intervalMs === undefined ? 1 : Math.ceil(to / intervalMs) - Math.floor(from / intervalMs);
  const maxBuckets = API_LIMITS.buckets.value;
  if (buckets > maxBuckets) {
    throw new ApiError(
      'buckets_too_many',
      `an interval of ${intervalMs} ms gives ${buckets} buckets, one answer may have ${maxBuckets}`,
      `use \`intervalMs\` of ${Math.ceil((to - from) / (maxBuckets - 1))} or more`,
    );
  }
  const points = buckets * groups * measures;
  const maxPoints = API_LIMITS.points.value;
  if (points > maxPoints) {
    throw new ApiError(
      'points_too_many',
      `${buckets} buckets × ${groups} groups × ${measures} measures are ${points} points, one answer may have ${maxPoints}`,
      'use a longer `intervalMs`, a smaller `topN` or fewer measures',
    );
  }
}
