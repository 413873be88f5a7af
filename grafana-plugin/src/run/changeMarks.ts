import { map, type Observable, of } from 'rxjs';
import { environmentsOf } from '../query/conditions';
import type { ChangesQuery } from '../query/model';
import type { Asked } from './asked';
import { changeFilters, kindsOf } from './changeFilters';
import { ONLY_AUDIT } from './changes';
import { type Answer, executedOf, type RunContext } from './context';
import { markersOver } from './markers';
import { rangeOf } from './range';

/**
 * Changes over the series of a panel, in the colour of what was found of each. Who may not see changes sees neutral
 * markers, as long as nothing is asked of them that only names would tell.
 */
export function runChangeMarks(query: ChangesQuery, asked: Asked, context: RunContext): Observable<Answer> {
  const { refId, limit } = query;
  const environments = environmentsOf(query.environment, { ...context, ...asked });
  const filters = changeFilters(query, asked, context);
  const needsNames = filters.some((all) => all.some(({ field }) => field !== 'kind'));
  const { notices: _, ...range } = rangeOf(asked);
  const over =
    needsNames && !context.audit.mayBe()
      ? of({ frames: [], notices: [ONLY_AUDIT] })
      : markersOver(refId, environments, asked, context, {
          named: true,
          limit,
          filters,
          kinds: kindsOf(query, asked, context),
        });
  return over.pipe(map((part) => ({ ...part, executed: executedOf('changes/search', { ...range, limit }) })));
}
