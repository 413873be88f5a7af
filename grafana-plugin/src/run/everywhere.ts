import { forkJoin, map, type Observable } from 'rxjs';

/** Routes that take one environment are asked once for each that the query names, and once when it names none. */
export function everywhere<T>(
  environments: readonly string[],
  ask: (environment: { readonly environment?: string }) => Observable<T>,
): Observable<readonly T[]> {
  if (environments.length === 0) return ask({}).pipe(map((answer) => [answer]));
  return forkJoin(environments.map((environment) => ask({ environment })));
}
