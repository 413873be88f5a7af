import type { Log, Recorder } from '@aisix-observability/pipeline';
import type { Hono } from 'hono';
import type { IdentityEnv } from '../identity/identified.ts';
import { failure } from './answer/fail.ts';
import { createSender } from './answer/sender.ts';
import type { RequestReader } from './context.ts';
import { ApiError } from './errors.ts';
import { DEFAULT_API_LIMITS, type RunLimits } from './limits.ts';
import { addOpenApi } from './openapi/document.ts';
import type { EnvironmentName } from './query/environments.ts';
import { createRouter } from './router.ts';
import { addChangesRoutes, type ChangeSource } from './routes/changes.ts';
import { addFieldsRoute } from './routes/fields.ts';
import { addInvestigationRoutes, type Investigations } from './routes/investigations.ts';
import { addMarkersRoute, type MarkerSource, noMarkers } from './routes/markers.ts';
import { addRequestRoutes } from './routes/requests.ts';
import { addTailRoute } from './routes/tail.ts';
import { createLanes } from './run/lanes.ts';
import { createQueryRunner } from './run/runQuery.ts';
import { createTails } from './tail/tails.ts';
import type { OnApplied } from './tail/wait.ts';

export interface RequestsApiOptions {
  /** Absent where no requests are kept: changes and markers can be asked for all the same. */
  readonly store?: RequestReader | undefined;
  /** Calls its listener whenever the store applied something. */
  readonly onApplied?: OnApplied | undefined;
  /** Every environment of the configuration; which of them somebody may see says the reader. */
  readonly environments: readonly EnvironmentName[];
  /** Absent where changes are not received. */
  readonly markers?: MarkerSource | undefined;
  readonly changes?: ChangeSource | undefined;
  /** Answers what broke what; absent where only requests are read. */
  readonly investigations?: Investigations | undefined;
  /** `limits.query_timeout`: of waiting and running together. */
  readonly queryTimeoutMillis: number;
  readonly limits?: Partial<RunLimits>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic?: () => number;
  readonly recorder: Recorder;
  readonly log: Log;
}

/** The query API: routes under `/requests`, `/markers`, `/changes` and `/investigations`, and `/openapi.json`. Identity has to stand before it. */
export interface RequestsApi {
  readonly app: Hono<IdentityEnv>;
  /** Ends what runs: tails with a last line, queries with 503. What comes later hears 503. */
  stop(): void;
}

/** Builds the query API over a store of requests and the changes. The store stays the caller's to close, after {@link RequestsApi.stop}. */
export function createRequestsApi(options: RequestsApiOptions): RequestsApi {
  const { store, onApplied, environments, now, recorder, log, markers = noMarkers } = options;
  const { monotonic = () => performance.now() } = options;
  const limits = { ...DEFAULT_API_LIMITS, ...options.limits };
  const stopping = new AbortController();
  const tails = createTails(limits, now);
  const run = createQueryRunner({
    lanes: createLanes(limits),
    timeoutMillis: options.queryTimeoutMillis,
    stopping: stopping.signal,
    recorder,
    monotonic,
  });
  const deps = { environments, run, sender: createSender(limits) };
  const router = createRouter();
  if (store !== undefined && onApplied !== undefined) {
    addRequestRoutes(router, { ...deps, store });
    addFieldsRoute(router, deps);
    addTailRoute(router, { ...deps, store }, { onApplied, tails, limits, now, recorder, log });
  } else {
    router.app.all('/requests/*', () => {
      throw new ApiError('requests_off', 'this server keeps no requests', 'set `store.driver` to `duckdb`');
    });
  }
  addMarkersRoute(router, deps, markers);
  addChangesRoutes(router, deps, options.changes, now);
  addInvestigationRoutes(router, deps, options);
  addOpenApi(router);
  router.app.onError((error, c) => failure(c, error, log));
  return {
    app: router.app,
    stop() {
      tails.stop();
      stopping.abort();
    },
  };
}
