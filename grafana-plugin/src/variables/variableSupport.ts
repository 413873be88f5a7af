import { CustomVariableSupport, type DataQueryRequest, type DataQueryResponse } from '@grafana/data';
import { from, map, type Observable, switchMap } from 'rxjs';
import { lazyEditor } from '../editors/lazyEditor';
import type { RunContext } from '../run/context';
import type { ObservabilitySource } from '../run/source';
import { DEFAULT_VARIABLE, readVariable, type VariableQuery } from './model';

export class ObservabilityVariables extends CustomVariableSupport<ObservabilitySource, VariableQuery> {
  private readonly context: RunContext;
  override readonly editor = lazyEditor(async () => (await import('../editors/VariableEditor')).VariableEditor);

  constructor(context: RunContext) {
    super();
    this.context = context;
  }

  override getDefaultQuery() {
    return DEFAULT_VARIABLE as Partial<never>;
  }

  override query(request: DataQueryRequest<VariableQuery>): Observable<DataQueryResponse> {
    return from(import('../work')).pipe(
      switchMap(({ askedOf, variableValues }) =>
        variableValues(readVariable(request.targets[0]), askedOf(request), this.context),
      ),
      map((frame) => ({ data: [frame] })),
    );
  }
}
