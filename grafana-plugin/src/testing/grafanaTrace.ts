import { type DataFrame, DataFrameView, type TraceSpanRow } from '@grafana/data';

export interface ReadSpan {
  readonly spanID: string;
  readonly parentSpanID: string | undefined;
  /** Microseconds, as the trace view counts. */
  readonly startTime: number;
  readonly duration: number;
  readonly hasError: boolean;
}

/**
 * Reads a frame as the trace view does (facts of Grafana 12.4): rows are spans with times in milliseconds, a span
 * belongs to its parent by id, tags and logs are lists, and status 2 is an error.
 */
export function readTraceAsGrafanaDoes(frame: DataFrame): {
  readonly traceID: string;
  readonly spans: readonly ReadSpan[];
} {
  if (frame.meta?.preferredVisualisationType !== 'trace') throw new Error('not shown as a trace');
  const rows = new DataFrameView<TraceSpanRow>(frame).toArray();
  const [first] = rows;
  if (first === undefined) throw new Error('a trace without spans');
  const ids = new Set(rows.map(({ spanID }) => spanID));
  if (ids.size !== rows.length) throw new Error('two spans with one id');
  const roots = rows.filter(({ parentSpanID }) => !parentSpanID);
  if (roots.length !== 1) throw new Error(`${roots.length} roots`);
  return {
    traceID: first.traceID,
    spans: rows.map((row) => {
      const { traceID, spanID, parentSpanID, startTime, duration, tags, logs, serviceTags, references, statusCode } =
        row;
      if (traceID !== first.traceID) throw new Error(`${spanID} is of another trace`);
      if (parentSpanID && !ids.has(parentSpanID)) throw new Error(`the parent of ${spanID} is not there`);
      if (!Number.isFinite(startTime) || !Number.isFinite(duration)) throw new Error(`${spanID} has no time`);
      for (const list of [tags, logs, serviceTags, references]) {
        if (!Array.isArray(list)) throw new Error(`${spanID} has something that is no list`);
      }
      return {
        spanID,
        parentSpanID: parentSpanID || undefined,
        startTime: startTime * 1000,
        duration: duration * 1000,
        hasError: statusCode === 2,
      };
    }),
  };
}
