import { catchError, type Observable, tap, throwError } from 'rxjs';
import { QueryFailure } from './queryFailure';

/** How long a refusal is believed: Grafana's token, in which the role stands, is made anew within ten minutes. */
const BELIEVED_MILLIS = 5 * 60 * 1000;

/**
 * Whether this person is an audit reader. Only the server knows, so it is asked with the first query that needs it; a
 * refusal is remembered, so that not every histogram of a viewer begins with one.
 */
export interface AuditAccess {
  /** False when it is known that the server, or Grafana before it, would refuse. */
  mayBe(): boolean;
  /** Passes the answer on, and remembers a refusal. */
  watch<T>(answer: Observable<T>): Observable<T>;
}

/** @param orgRole role in the Grafana organization; the route is closed to Viewers in `plugin.json` */
export function createAuditAccess(orgRole: string, now: () => number): AuditAccess {
  let refusedUntil = 0;
  return {
    mayBe: () => (orgRole === 'Editor' || orgRole === 'Admin') && now() >= refusedUntil,
    watch: (answer) =>
      answer.pipe(
        tap(() => {
          refusedUntil = 0;
        }),
        catchError((error: unknown) => {
          if (isRefusal(error)) refusedUntil = now() + BELIEVED_MILLIS;
          return throwError(() => error);
        }),
      ),
  };
}

/**
 * Refused, or not there: a server without a section of changes has no such route. A change, a request or an environment
 * that is not there (`change_unknown`, 404; `environment_unknown`, 403) says nothing of who asks.
 */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof QueryFailure) || error.code?.endsWith('_unknown') === true) return false;
  return error.status === 403 || error.status === 404;
}
