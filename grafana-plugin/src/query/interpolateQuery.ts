import type { AdHocVariableFilter, ScopedVars } from '@grafana/data';
import { fromAdHoc } from './adHocFilter';
import { interpolate, type Templates } from './interpolate';
import { isFiltered, type ObservabilityQuery } from './model';

/** The query with variables replaced by what they are now: a panel that is opened in Explore, where there are none. */
export function interpolateQuery(
  query: ObservabilityQuery,
  templates: Templates,
  scopedVars: ScopedVars,
  adHoc: readonly AdHocVariableFilter[] = [],
): ObservabilityQuery {
  const list = (texts: readonly string[]) => {
    const found = texts.map((text) => interpolate(text, templates, scopedVars));
    return found.some(({ all }) => all) ? [] : found.flatMap(({ values }) => values).filter((value) => value !== '');
  };
  const one = (text: string) => list([text])[0] ?? '';
  if (isFiltered(query)) {
    const environments = list([query.environment]);
    const several = environments.length > 1 ? [{ field: 'environment', op: 'in' as const, values: environments }] : [];
    const filters = query.filters.map((filter) => {
      const values = list(filter.values);
      // One that compared with a value and now has several compares with all of them.
      const op =
        values.length > 1 && filter.op === 'eq' ? 'in' : values.length > 1 && filter.op === 'neq' ? 'nin' : filter.op;
      return { ...filter, op, values };
    });
    return {
      ...query,
      environment: several.length > 0 ? '' : (environments[0] ?? ''),
      text: one(query.text),
      filters: [...several, ...filters.filter(({ values }) => values.length > 0), ...adHoc.map(fromAdHoc)],
    };
  }
  const environment = one(query.environment);
  switch (query.queryType) {
    case 'changes':
      return {
        ...query,
        environment,
        kinds: list(query.kinds),
        actions: list(query.actions),
        resources: list(query.resources),
        changeId: one(query.changeId),
        actors: list(query.actors),
      };
    case 'markers':
      return { ...query, environment, kinds: list(query.kinds) };
    case 'trace':
      return { ...query, environment, requestId: one(query.requestId) };
    case 'investigation':
      return {
        ...query,
        environment,
        requestId: one(query.requestId),
        changeId: one(query.changeId),
        start: one(query.start),
        models: list(query.models),
      };
  }
}
