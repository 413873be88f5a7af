import { from, map, mergeMap, type Observable, toArray } from 'rxjs';

/**
 * Environments that one query asks for at a time. The server runs three light questions of a reader at once and lets 48
 * wait, and a dashboard has a dozen queries that each may name sixteen environments.
 */
const AT_ONCE = 3;

/**
 * Routes that take one environment are asked once for each that the query names, and once when it names none. Answers are
 * in the order of the environments.
 */
export function everywhere<T>(
  environments: readonly string[],
  ask: (environment: { readonly environment?: string }) => Observable<T>,
): Observable<readonly T[]> {
  if (environments.length === 0) return ask({}).pipe(map((answer) => [answer]));
  return from(environments).pipe(
    mergeMap((environment, at) => ask({ environment }).pipe(map((answer) => ({ at, answer }))), AT_ONCE),
    toArray(),
    map((answers) => answers.sort((a, b) => a.at - b.at).map(({ answer }) => answer)),
  );
}
