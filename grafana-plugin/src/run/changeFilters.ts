import type { ScopedVars } from '@grafana/data';
import type { ChangeFilter } from '../api/changes';
import { interpolate, type Templates } from '../query/interpolate';
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
  const anyOf = (fields: readonly string[], texts: readonly string[]): ChangeFilter[][] => {
    const value = wantedOf(texts, templates, scopedVars);
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

/** Kinds that are wanted; nothing for all. */
export function kindsOf(
  { kinds }: Pick<ChangesQuery, 'kinds'>,
  { scopedVars }: Pick<Asked, 'scopedVars'>,
  { templates }: Pick<RunContext, 'templates'>,
): ReadonlySet<string> | undefined {
  const wanted = wantedOf(kinds, templates, scopedVars);
  return wanted.length === 0 ? undefined : new Set(wanted);
}

function wantedOf(texts: readonly string[], templates: Templates, scopedVars: ScopedVars): string[] {
  const found = texts.map((text) => interpolate(text, templates, scopedVars));
  if (found.some(({ all }) => all)) return [];
  const values = new Set(found.flatMap((each) => each.values));
  return [...values].filter((value) => value !== '').slice(0, SERVER_LIMITS.filterValues);
}
