import type { Observable } from 'rxjs';
import type { ObservabilityQuery } from '../query/model';
import type { Asked } from './asked';
import { runChangeMarks } from './changeMarks';
import { runChanges } from './changes';
import type { Answer, RunContext } from './context';
import { runInvestigation } from './investigation';
import { runMarkers } from './markers';
import { runMetrics } from './metrics';
import { runRequests } from './requests';
import { runTrace } from './trace';
import { runVolume } from './volume';

/** One query. @throws QueryFailure for one that cannot be asked */
export function runQuery(query: ObservabilityQuery, asked: Asked, context: RunContext): Observable<Answer> {
  switch (query.queryType) {
    case 'requests':
      return query.volume === true ? runVolume(query, asked, context) : runRequests(query, asked, context);
    case 'metrics':
      return runMetrics(query, asked, context);
    case 'changes':
      // Over the series of a panel; where there is none that they could lie over, rows say more.
      return query.shape === 'marks' && !asked.explore && !asked.annotation
        ? runChangeMarks(query, asked, context)
        : runChanges(query, asked, context);
    case 'markers':
      return runMarkers(query, asked, context);
    case 'trace':
      return runTrace(query, asked, context);
    case 'investigation':
      return runInvestigation(query, asked, context);
  }
}
