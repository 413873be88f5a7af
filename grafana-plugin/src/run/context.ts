import { createDataFrame, type DataFrame, DataTopic, type QueryResultMetaNotice } from '@grafana/data';
import type { AuditAccess } from '../api/auditAccess';
import type { ApiClient } from '../api/client';
import type { Directory } from '../api/directory';
import type { LinkTargets } from '../frames/links';
import type { Templates } from '../query/interpolate';
import type { ObservabilityQuery } from '../query/model';
import type { Visibility } from '../settings';
import type { Asked } from './asked';

/** What queries are run with; made once for a data source. */
export interface RunContext {
  readonly client: ApiClient;
  readonly directory: Directory;
  readonly audit: AuditAccess;
  readonly templates: Templates;
  readonly links: () => LinkTargets;
  /** Environment of queries that name none. */
  readonly environment: string | undefined;
  readonly visibility: Visibility;
}

export interface Answer {
  readonly frames: readonly DataFrame[];
  readonly notices?: readonly QueryResultMetaNotice[];
  /** What was asked, as it was sent; Grafana's inspector shows it. */
  readonly executed: string;
}

/** What another query adds to the answer. */
export interface Part {
  readonly frames: readonly DataFrame[];
  readonly notices: readonly QueryResultMetaNotice[];
}

export const executedOf = (route: string, body: object): string => `POST /${route}\n${JSON.stringify(body, null, 2)}`;

/**
 * The frames with notices and the query on the first that is no annotation: nowhere else does Grafana look for them. An
 * answer of annotations alone gets an empty frame to carry its notices, except where an empty frame would do harm: the
 * histogram needs a level in each, and annotations of a dashboard are one frame.
 */
export function framesOf(
  { frames, notices = [], executed }: Answer,
  query: ObservabilityQuery,
  { annotation }: Pick<Asked, 'annotation'>,
): DataFrame[] {
  const told = [...new Map(notices.map((notice) => [notice.text, notice])).values()];
  const meta = { executedQueryString: executed, notices: told };
  const series = frames.findIndex((frame) => frame.meta?.dataTopic !== DataTopic.Annotations);
  const isAlone = series === -1 && told.length > 0 && !annotation && !isVolume(query);
  if (isAlone) return [...frames, createDataFrame({ refId: query.refId, fields: [], meta })];
  return frames.map((frame, at) =>
    at === Math.max(0, series) ? { ...frame, meta: { ...frame.meta, ...meta } } : frame,
  );
}

/** Whether a query is of Explore's histogram. */
export const isVolume = (query: ObservabilityQuery) => query.queryType === 'requests' && query.volume === true;
