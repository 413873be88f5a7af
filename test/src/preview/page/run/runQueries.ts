import {
  type AdHocVariableFilter,
  type CoreApp,
  type DataFrame,
  type DataQueryError,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  DataTopic,
  type DateTime,
  dateTime,
  LoadingState,
  type QueryResultMetaNotice,
  rangeUtil,
  type ScopedVars,
  type TimeRange,
  toDataFrame,
} from '@grafana/data';
import type { DataQuery } from '@grafana/schema';
import { catchError, from, map, type Observable, of, scan, startWith } from 'rxjs';

/** What a panel gets, as Grafana's `PanelData` has it. */
export interface PanelResult {
  readonly state: LoadingState;
  readonly frames: readonly DataFrame[];
  /** Frames to draw over the others. */
  readonly annotations: readonly DataFrame[];
  readonly errors: readonly string[];
  /** What failed as a whole: the histogram over the log list reads this and no other error. */
  readonly failure?: string;
  readonly notices: readonly QueryResultMetaNotice[];
}

export const NOTHING: PanelResult = {
  state: LoadingState.NotStarted,
  frames: [],
  annotations: [],
  errors: [],
  notices: [],
};

export interface Question {
  readonly targets: readonly DataQuery[];
  readonly range: TimeRange;
  readonly app: CoreApp;
  /** Width of what is drawn, in pixels: as many points at most. */
  readonly width: number;
  readonly scopedVars?: ScopedVars;
  readonly filters?: readonly AdHocVariableFilter[];
  readonly live?: boolean;
}

let asked = 0;

/** A request as Grafana's query runner makes it. */
export function requestOf(question: Question): DataQueryRequest<DataQuery> {
  const { targets, range, app, width, scopedVars = {}, filters = [], live = false } = question;
  const maxDataPoints = Math.max(100, Math.round(width));
  const { interval, intervalMs } = rangeUtil.calculateInterval(range, maxDataPoints);
  asked += 1;
  return {
    requestId: `preview-${asked}`,
    app,
    targets: [...targets],
    range,
    timezone: 'browser',
    interval,
    intervalMs,
    maxDataPoints,
    scopedVars: {
      __interval: { text: interval, value: interval },
      __interval_ms: { text: String(intervalMs), value: intervalMs },
      __from: edge(range.from),
      __to: edge(range.to),
      ...scopedVars,
    },
    filters: [...filters],
    startTime: Date.now(),
    liveStreaming: live,
  };
}

const edge = (time: DateTime) => ({ text: String(time.valueOf()), value: String(time.valueOf()) });

/** Asks a data source; what is shown stays until the answer is there. */
export function runRequest(datasource: DataSourceApi, request: DataQueryRequest<DataQuery>): Observable<PanelResult> {
  const answer = datasource.query(request);
  return from(answer).pipe(
    map((response) => resultOf(response)),
    catchError((error: unknown) => of({ ...NOTHING, state: LoadingState.Error, errors: [messageOf(error)] })),
    startWith({ ...NOTHING, state: LoadingState.Loading }),
    scan((shown, next) => (next.state === LoadingState.Loading ? { ...shown, state: next.state } : next)),
  );
}

/** As Grafana splits a response: annotations by their topic, notices from the other frames, failures from `errors`. */
function resultOf({ data, errors = [], error, state }: DataQueryResponse): PanelResult {
  const frames = data.map((each) => toDataFrame(each));
  const textOf = (each: DataQueryError) => each.message ?? each.data?.message ?? 'The query failed.';
  const messages = [...new Set([...errors, ...(error === undefined ? [] : [error])].map(textOf))];
  const series = frames.filter(({ meta }) => meta?.dataTopic !== DataTopic.Annotations);
  const notices = series.flatMap(({ meta }) => meta?.notices ?? []);
  return {
    state: state ?? (messages.length > 0 ? LoadingState.Error : LoadingState.Done),
    frames: series,
    annotations: frames.filter(({ meta }) => meta?.dataTopic === DataTopic.Annotations),
    errors: messages,
    ...(error === undefined ? {} : { failure: textOf(error) }),
    notices: notices.filter(({ text }, at) => notices.findIndex((each) => each.text === text) === at),
  };
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : 'The query failed.');

/** `now-15m` and the like, at this moment. */
export function rangeOf(raw: { readonly from: string; readonly to: string }): TimeRange {
  return rangeUtil.convertRawToRange({ ...raw });
}

/** A range between two instants, in epoch milliseconds. */
export function absoluteRange(fromMs: number, toMs: number): TimeRange {
  const [start, end] = [dateTime(Math.round(fromMs)), dateTime(Math.round(toMs))];
  return { from: start, to: end, raw: { from: start, to: end } };
}
