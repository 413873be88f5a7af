import type { TestDataSourceResponse } from '@grafana/data';
import { catchError, forkJoin, map, type Observable, of, switchMap } from 'rxjs';
import type { ApiClient } from '../api/client';
import { failureOf } from '../api/failure';
import { duration } from '../frames/duration';
import { SERVER_LIMITS } from '../query/limits';

const DAY = 24 * 60 * 60 * 1000;

/** How far back the newest request is looked for. */
const LOOK_BACK = 30 * DAY;

/** Names of environments that are told; the rest is counted. */
const NAMES = 5;

interface Options {
  readonly client: ApiClient;
  /** Role of the person in the Grafana organization. */
  readonly orgRole: string;
  /** Environment of the settings. */
  readonly environment: string | undefined;
  readonly serverUrl: string | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** What works for the person who presses the button, in sentences. */
export function testConnection({
  client,
  orgRole,
  environment,
  serverUrl,
  now,
}: Options): Observable<TestDataSourceResponse> {
  if (serverUrl === undefined || serverUrl === '') {
    return of({
      status: 'error',
      message: 'Enter the address of the server, for instance http://aisix-observability:14319.',
    });
  }
  return client.health().pipe(
    switchMap(() => client.fields()),
    switchMap(({ environments }) => {
      const names = environments.map(({ name }) => name);
      const known =
        environment === undefined || environments.some(({ id, name }) => id === environment || name === environment);
      if (!known) {
        const message = `The environment of these settings is "${environment}", and you may see ${listed(names)}. Choose one of them, or none.`;
        return of({ status: 'error', message });
      }
      return forkJoin([newestRequest(client, now()), auditAccess(client, now(), orgRole)]).pipe(
        map(([newest, audit]) => ({
          status: 'success',
          message: `Connected. You may see ${listed(names)}. ${newest} ${audit}`,
        })),
      );
    }),
    catchError((error: unknown) => of({ status: 'error', message: failureOf(error).message })),
  );
}

function newestRequest(client: ApiClient, now: number): Observable<string> {
  return client
    .search({ from: now - Math.min(LOOK_BACK, SERVER_LIMITS.rangeMillis), to: now, limit: 1 })
    .pipe(
      map(({ requests: [newest] }) =>
        newest === undefined
          ? 'No request came within 30 days: check that the gateway sends its telemetry to the server.'
          : `The newest request is ${duration(Math.max(0, now - newest.startTime))} old.`,
      ),
    );
}

/** A refusal here is an answer, not a failure. */
function auditAccess(client: ApiClient, now: number, orgRole: string): Observable<string> {
  const role = orgRole === '' ? '' : ` as ${orgRole}`;
  return client.changes({ from: now - DAY, to: now, limit: 1 }).pipe(
    map(() => `You are an audit reader${role}: changes show names and values.`),
    catchError((error: unknown) => {
      const { status, message } = failureOf(error);
      if (status === 403) return of(`You are no audit reader${role}: changes show as neutral markers.`);
      if (status === 404) return of('The server keeps no configuration changes.');
      return of(`Changes could not be asked for. ${message}`);
    }),
  );
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'no environment';
  const told = names.slice(0, NAMES).join(', ');
  const more = names.length > NAMES ? ` and ${names.length - NAMES} more` : '';
  return `${names.length === 1 ? 'the environment' : 'the environments'} ${told}${more}`;
}
