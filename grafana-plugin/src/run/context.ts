import type { DataFrame, QueryResultMetaNotice } from '@grafana/data';
import type { AuditAccess } from '../api/auditAccess';
import type { ApiClient } from '../api/client';
import type { Directory } from '../api/directory';
import type { LinkTargets } from '../frames/links';
import type { Templates } from '../query/interpolate';
import type { Visibility } from '../settings';

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

/** The frames with notices and the query on the first one, where Grafana looks for them. */
export function framesOf({ frames, notices = [], executed }: Answer): DataFrame[] {
  return frames.map((frame, at) =>
    at > 0 ? frame : { ...frame, meta: { ...frame.meta, executedQueryString: executed, notices: [...notices] } },
  );
}
