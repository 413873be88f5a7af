import type { DataSourceApi } from '@grafana/data';
import type { ObservabilityQuery } from '../query/model';
import type { ObservabilityOptions } from '../settings';
import type { RunContext } from './context';

/** Of the data source what editors work with. */
export interface ObservabilitySource extends DataSourceApi<ObservabilityQuery, ObservabilityOptions> {
  readonly context: RunContext;
}
