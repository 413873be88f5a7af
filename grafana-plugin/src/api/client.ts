import type { BackendSrv, FetchResponse } from '@grafana/runtime';
import { catchError, defer, map, type Observable, throwError } from 'rxjs';
import type { ChangeInput, ChangesAnswer, ChangesInput, ConfigChange } from './changes';
import type {
  FieldsAnswer,
  GetAnswer,
  GetBody,
  MarkersAnswer,
  MarkersInput,
  MetricsAnswer,
  MetricsInput,
  SearchAnswer,
  SearchInput,
  TailInput,
  TailLine,
  ValuesAnswer,
  ValuesInput,
  VolumeAnswer,
  VolumeInput,
} from './contract';
import { failureOf } from './failure';
import type {
  ImpactInput,
  ImpactInvestigation,
  IncidentInput,
  IncidentInvestigation,
  RequestInvestigation,
  RequestInvestigationInput,
} from './investigations';
import { linesOf } from './lines';
import { QueryFailure } from './queryFailure';

/**
 * The query API, asked through Grafana's data proxy. Every call starts when it is subscribed to, ends its request when
 * it is unsubscribed from, and fails with a `QueryFailure`.
 */
export interface ApiClient {
  search(body: SearchInput): Observable<SearchAnswer>;
  volume(body: VolumeInput): Observable<VolumeAnswer>;
  metrics(body: MetricsInput): Observable<MetricsAnswer>;
  get(body: GetBody): Observable<GetAnswer>;
  values(body: ValuesInput): Observable<ValuesAnswer>;
  fields(): Observable<FieldsAnswer>;
  markers(body: MarkersInput): Observable<MarkersAnswer>;
  changes(body: ChangesInput): Observable<ChangesAnswer>;
  /** By any id that the change ever had. */
  change(body: ChangeInput): Observable<ConfigChange>;
  explain(body: RequestInvestigationInput): Observable<RequestInvestigation>;
  impact(body: ImpactInput): Observable<ImpactInvestigation>;
  incidents(body: IncidentInput): Observable<IncidentInvestigation>;
  tail(body: TailInput): Observable<TailLine>;
  /** Whether the server answers at all. */
  health(): Observable<void>;
}

/** @param baseUrl address of the data source's proxy; the first segments behind it are the `routes` of `plugin.json` */
export function createClient(baseUrl: string, backend: Pick<BackendSrv, 'fetch' | 'chunked'>): ApiClient {
  const send = <Answer>(method: 'GET' | 'POST', path: string, data?: object) =>
    defer(() =>
      backend.fetch<Answer>({
        url: `${baseUrl}/${path}`,
        method,
        // Failures are shown where the query is, not in a corner of the page as well.
        showErrorAlert: false,
        ...(data === undefined ? {} : { data }),
      }),
    ).pipe(catchError((error: unknown) => throwError(() => failureOf(error))));
  const post = <Answer extends object>(path: string, data: object): Observable<Answer> =>
    send<Answer>('POST', path, data).pipe(map(answerOf));
  return {
    search: (body) => post('requests/search', body),
    volume: (body) => post('requests/volume', body),
    metrics: (body) => post('requests/metrics', body),
    get: (body) => post('requests/get', body),
    values: (body) => post('requests/values', body),
    fields: () => send<FieldsAnswer>('GET', 'requests/fields').pipe(map(answerOf)),
    markers: (body) => post('markers/search', body),
    changes: (body) => post('changes/search', body),
    change: (body) => post('changes/get', body),
    explain: (body) => post('investigations/request', body),
    impact: (body) => post('investigations/impact', body),
    incidents: (body) => post('investigations/incident', body),
    tail: (body) =>
      defer(() => backend.chunked({ url: `${baseUrl}/requests/tail`, method: 'POST', data: body })).pipe(
        catchError((error: unknown) => throwError(() => failureOf(error))),
        linesOf,
      ) as Observable<TailLine>,
    health: () => send<unknown>('GET', 'health').pipe(map(() => undefined)),
  };
}

/** An answer that was cut off on its way is no JSON any more, and Grafana hands it on as a text. */
function answerOf<Answer>({ data, status }: FetchResponse<Answer>): Answer {
  if (typeof data === 'object' && data !== null) return data;
  throw new QueryFailure(
    'The answer is not what the server writes: it broke off on its way, or another server answered. Ask for fewer rows, or raise `response_limit` of Grafana’s data proxy; and check the server address.',
    { status },
  );
}
