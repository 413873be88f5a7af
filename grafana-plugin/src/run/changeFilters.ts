import type { ChangeFilter } from '../api/changes';
import { interpolate } from '../query/interpolate';
import { SERVER_LIMITS } from '../query/limits';
import type { ChangesQuery } from '../query/model';
import type { Asked } from './asked';
import type { RunContext } from './context';

/**
 * Filters of the calls that answer a query: more than one where people call a thing by two names, since all filters of a
 * call have to hold. What is found twice is shown once.
 */
export function changeFilters(
  { kinds, actions, resources, actors }: Pick<ChangesQuery, 'kinds' | 'actions' | 'resources' | 'actors'>,
  { scopedVars }: Pick<Asked, 'scopedVars'>,
  { templates }: Pick<RunContext, 'templates'>,
): ChangeFilter[][] {
  const wanted = (texts: readonly string[]): readonly string[] => {
    const found = texts.map((text) => interpolate(text, templates, scopedVars));
    if (found.some(({ all }) => all)) return [];
    return [...new Set(found.flatMap(({ values }) => values))]
      .filter((value) => value !== '')
      .slice(0, SERVER_LIMITS.filterValues);
  };
  const anyOf = (fields: readonly string[], texts: readonly string[]): ChangeFilter[][] => {
    const value = [...wanted(texts)];
    return value.length === 0 ? [[]] : fields.map((field) => [{ field, op: 'in', value }]);
  };
  return [
    anyOf(['kind'], kinds),
    anyOf(['action'], actions),
    anyOf(['resourceName', 'resourceId'], resources),
    anyOf(['actorName', 'actorId'], actors),
  ].reduce<ChangeFilter[][]>(
    (calls, alternatives) => calls.flatMap((call) => alternatives.map((filters) => [...call, ...filters])),
    [[]],
  );
}
