import type { DataSourceJsonData } from '@grafana/data';

/** What is kept of a data source; everything may also be provisioned. */
export interface ObservabilityOptions extends DataSourceJsonData {
  /** Address of the api listener; the routes of `plugin.json` read it. */
  readonly serverUrl?: string;
  /** Environment of queries that name none; name or id. */
  readonly environment?: string;
  /** Data source that holds the traces. */
  readonly tracingUid?: string;
  /** Address of a trace elsewhere; `{traceId}` stands for the id. */
  readonly traceUrl?: string;
  /** Destination whose trace ids the tracing data source knows, where they differ from the gateway's. */
  readonly traceDestination?: string;
}

/** Goes to Grafana's server only and comes back never. */
export interface ObservabilitySecrets {
  readonly datasourceSecret?: string;
}
