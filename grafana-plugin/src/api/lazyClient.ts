import { defer, from, type Observable, switchMap } from 'rxjs';
import type { ApiClient } from './client';

/**
 * A client that is loaded with its first call: what asks the server, and the words for what may go wrong, are a sixth of
 * what Grafana would else load with the list of data sources.
 */
export function lazyClient(load: () => Promise<ApiClient>): ApiClient {
  let loading: Promise<ApiClient> | undefined;
  const loaded = () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
  const call = <Answer>(ask: (client: ApiClient) => Observable<Answer>): Observable<Answer> =>
    defer(() => from(loaded())).pipe(switchMap(ask));
  return {
    search: (body) => call((client) => client.search(body)),
    volume: (body) => call((client) => client.volume(body)),
    metrics: (body) => call((client) => client.metrics(body)),
    get: (body) => call((client) => client.get(body)),
    values: (body) => call((client) => client.values(body)),
    fields: () => call((client) => client.fields()),
    markers: (body) => call((client) => client.markers(body)),
    changes: (body) => call((client) => client.changes(body)),
    change: (body) => call((client) => client.change(body)),
    explain: (body) => call((client) => client.explain(body)),
    impact: (body) => call((client) => client.impact(body)),
    incidents: (body) => call((client) => client.incidents(body)),
    tail: (body) => call((client) => client.tail(body)),
    health: () => call((client) => client.health()),
  };
}
