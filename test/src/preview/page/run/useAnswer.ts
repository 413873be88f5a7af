import type { DataQueryRequest, DataSourceApi } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';
import { useEffect, useState } from 'react';
import { NOTHING, type PanelResult, runRequest } from './runQueries.ts';

/** The answer to a request; another request takes its place, and leaving ends it. Nothing is asked without one. */
export function useAnswer(datasource: DataSourceApi, request: DataQueryRequest<DataQuery> | undefined): PanelResult {
  const [result, setResult] = useState<PanelResult>(NOTHING);
  useEffect(() => {
    if (request === undefined) {
      setResult(NOTHING);
      return undefined;
    }
    const listening = runRequest(datasource, request).subscribe((next) =>
      setResult((shown) => (next.state === 'Loading' ? { ...shown, state: next.state } : next)),
    );
    return () => listening.unsubscribe();
  }, [datasource, request]);
  return result;
}
