import type { FieldPath } from '../adapt/fieldPath.ts';
import type { PolledShape } from '../adapt/polled.ts';

/** How a time is written into a query. */
export type TimeUnit = 'seconds' | 'millis' | 'rfc3339';

/** How the next page is asked for. */
export type Paging =
  | { readonly type: 'none' }
  /** Pages by number; read until one is empty, or `total` rows were read. */
  | {
      readonly type: 'page';
      readonly param: string;
      readonly first: number;
      readonly total?: FieldPath;
    }
  /** The answer holds what to ask for next. */
  | { readonly type: 'cursor'; readonly param: string; readonly next: FieldPath };

/**
 * The API of an audit log: everything about it is configuration, since every system has its own. With `from` only rows
 * of the time that is not known yet are asked for; without, the cursor of the last page is kept and read again.
 */
export interface PollSource {
  /** Where the rows are in the answer, a JSON pointer; empty: the answer is the list. */
  readonly rows: string;
  readonly shape: PolledShape;
  readonly paging: Paging;
  readonly from?: { readonly param: string; readonly unit: TimeUnit };
  /** Constant parameters, for instance order and page size. */
  readonly query?: Readonly<Record<string, string>>;
  /** Header of the token and what stands before it; default `authorization: Bearer …`. */
  readonly auth?: { readonly header: string; readonly prefix: string };
  /** What the token must be allowed to do, for the message on 403. */
  readonly permission?: string;
}

/** `GET /api/audit_logs` of API7 Enterprise 3.x, by its published Admin API. Its rows have no before and after. */
const api7Enterprise: PollSource = {
  rows: '/list',
  paging: { type: 'page', param: 'page', first: 1, total: '/total' },
  from: { param: 'start_at', unit: 'seconds' },
  query: { order_by: 'event_time', direction: 'asc', page_size: '100' },
  auth: { header: 'x-api-key', prefix: '' },
  permission: 'iam:GetAudit',
  shape: {
    id: '/id',
    occurredAt: '/event_time',
    eventType: '/event_type',
    method: '/http_request/method',
    resourceId: '/resource_id',
    resourceName: ['/resource_name', '/http_request/body/name'],
    actorId: '/operator/id',
    actorName: ['/operator/username', '/operator/email', '/token_name'],
    source: '/source',
    status: '/http_response/status_code',
    error: '/error_message',
  },
};

/** A log that speaks our own contract: `{"events":[…],"next_cursor":…}`. */
const canonical: PollSource = {
  rows: '/events',
  shape: 'canonical',
  paging: { type: 'cursor', param: 'cursor', next: '/next_cursor' },
};

export const POLL_PRESETS = { api7_enterprise: api7Enterprise, canonical } as const satisfies Readonly<
  Record<string, PollSource>
>;
