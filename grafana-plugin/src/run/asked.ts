import type { AdHocVariableFilter, DataQueryRequest, ScopedVars } from '@grafana/data';
import { CoreApp } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';

/** Of Grafana's request what queries are made of. Times are epoch milliseconds. */
export interface Asked {
  readonly from: number;
  readonly to: number;
  readonly intervalMs: number;
  readonly scopedVars: ScopedVars;
  readonly adHoc: readonly AdHocVariableFilter[];
  readonly explore: boolean;
  readonly dashboard: boolean;
  /** Asked by an annotation of a dashboard and not by a panel. */
  readonly annotation: boolean;
  /** In which times without one are read: `browser`, `utc` or a name. */
  readonly timeZone: string;
}

export function askedOf(request: DataQueryRequest<DataQuery>): Asked {
  const { range, intervalMs, scopedVars, filters = [], app, timezone = 'browser' } = request;
  // Explore puts the interval of its histogram there, rounded to a unit that reads well.
  const chosen = Number(scopedVars.__interval_ms?.value);
  return {
    from: range.from.valueOf(),
    to: range.to.valueOf(),
    intervalMs: Number.isFinite(chosen) && chosen > 0 ? chosen : intervalMs,
    scopedVars,
    adHoc: filters,
    explore: app === CoreApp.Explore,
    dashboard: app === CoreApp.Dashboard || app === CoreApp.PanelViewer || app === CoreApp.PanelEditor,
    annotation: scopedVars.__annotation !== undefined,
    timeZone: timezone,
  };
}
