import { catchError, map, type Observable, of, shareReplay, throwError } from 'rxjs';
import type { ApiClient } from './client';
import type { FieldsAnswer } from './contract';

/** How long fields and environments are kept: they change with the configuration of the server. */
const KEPT_MILLIS = 5 * 60 * 1000;

/** What may be asked and where, asked for once and then known for a while. */
export interface Directory {
  fields(): Observable<FieldsAnswer>;
  /** Names of environments by id; an id that has none, or cannot be looked up, stands for itself. */
  environmentName(): Observable<(id: string) => string>;
}

export function createDirectory(client: Pick<ApiClient, 'fields'>, now: () => number): Directory {
  let known: { readonly until: number; readonly answer: Observable<FieldsAnswer> } | undefined;
  const fields = () => {
    if (known === undefined || known.until <= now()) {
      const answer = client.fields().pipe(
        catchError((error: unknown) => {
          known = undefined;
          return throwError(() => error);
        }),
        shareReplay(1),
      );
      known = { until: now() + KEPT_MILLIS, answer };
    }
    return known.answer;
  };
  return {
    fields,
    environmentName: () =>
      fields().pipe(
        map(({ environments }) => {
          const names = new Map(environments.map(({ id, name }) => [id, name]));
          return (id: string) => names.get(id) ?? id;
        }),
        // Rows with ids say more than no rows.
        catchError(() => of((id: string) => id)),
      ),
  };
}
