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
  /** Change markers over Explore's histogram; absent: yes. */
  readonly showMarkers?: boolean;
  /** Names in those markers, for audit readers; absent: yes. Nobody sees more by it than the server allows. */
  readonly showNames?: boolean;
  /** Whether new queries of requests have rows of changes; absent: no. */
  readonly showChangeRows?: boolean;
}

/** What is shown where the reader may see it. */
export interface Visibility {
  readonly markers: boolean;
  readonly names: boolean;
  readonly changeRows: boolean;
}

export const visibilityOf = ({ showMarkers, showNames, showChangeRows }: ObservabilityOptions): Visibility => ({
  markers: showMarkers !== false,
  names: showNames !== false,
  changeRows: showChangeRows === true,
});

/** Goes to Grafana's server only and comes back never. */
export interface ObservabilitySecrets {
  readonly datasourceSecret?: string;
}
