import type { BackendSrv, BackendSrvRequest, FetchError, FetchResponse } from '@grafana/runtime';
import { lastValueFrom, Observable } from 'rxjs';

type Fetched = Omit<FetchResponse<undefined>, 'data'>;

/** Grafana's way to its server, as far as data sources use it: refusals are errors with what was answered in them. */
export function createBackendSrv(): BackendSrv {
  const fetched = <T>(config: BackendSrvRequest) =>
    new Observable<FetchResponse<T>>((subscriber) => {
      const abort = new AbortController();
      send(config, abort.signal)
        .then(async (response) => {
          const data = parsed(await response.text()) as T;
          const { status, statusText } = response;
          if (!response.ok) throw { status, statusText, data, config } satisfies FetchError<T>;
          subscriber.next({ ...factsOf(response, config), data });
          subscriber.complete();
        })
        .catch((error: unknown) => {
          if (!abort.signal.aborted) subscriber.error(error instanceof Error ? unreachable(error, config) : error);
        });
      return () => abort.abort();
    });
  const chunked = (config: BackendSrvRequest) =>
    new Observable<FetchResponse<Uint8Array | undefined>>((subscriber) => {
      const abort = new AbortController();
      send(config, abort.signal)
        .then(async (response) => {
          const facts = factsOf(response, config);
          const reader = response.body?.getReader();
          for (;;) {
            const part = await reader?.read();
            if (part === undefined || part.done) break;
            subscriber.next({ ...facts, data: part.value });
          }
          subscriber.complete();
        })
        .catch((error: unknown) => {
          if (!abort.signal.aborted) subscriber.error(error);
        });
      return () => abort.abort();
    });
  const request = async <T>(config: BackendSrvRequest): Promise<T> => (await lastValueFrom(fetched<T>(config))).data;
  return {
    fetch: fetched,
    chunked,
    request,
    datasourceRequest: (config) => lastValueFrom(fetched(config)),
    get: (url, params, _id, options) => request({ ...options, url, method: 'GET', params }),
    delete: (url, data, options) => request({ ...options, url, method: 'DELETE', data }),
    post: (url, data, options) => request({ ...options, url, method: 'POST', data }),
    patch: (url, data, options) => request({ ...options, url, method: 'PATCH', data }),
    put: (url, data, options) => request({ ...options, url, method: 'PUT', data }),
  };
}

function send({ url, method = 'GET', data, params, headers = {} }: BackendSrvRequest, signal: AbortSignal) {
  const query = params === undefined ? '' : `?${new URLSearchParams(params as Record<string, string>)}`;
  return fetch(`${url}${query}`, {
    method,
    signal,
    headers: {
      accept: 'application/json, text/plain, */*',
      ...(data === undefined ? {} : { 'content-type': 'application/json' }),
      ...(headers as Record<string, string>),
    },
    ...(data === undefined ? {} : { body: JSON.stringify(data) }),
  });
}

function factsOf(
  { status, statusText, ok, headers, redirected, type, url }: Response,
  config: BackendSrvRequest,
): Fetched {
  return { status, statusText, ok, headers, redirected, type, url, config };
}

/** Grafana hands on as text what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const unreachable = (error: Error, config: BackendSrvRequest): FetchError => ({
  status: 0,
  statusText: error.message,
  data: { message: error.message },
  config,
});
