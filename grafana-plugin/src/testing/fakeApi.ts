import { NEVER, type Observable, of, throwError } from 'rxjs';
import {
  markersBody,
  metricsBody,
  searchBody,
  tailBody,
  valuesBody,
  volumeBody,
} from '../../../server/src/api/contract/bodies.ts';
import { changeBody, changesBody } from '../../../server/src/api/contract/change.ts';
import { impactBody, incidentBody, requestInvestigationBody } from '../../../server/src/api/contract/investigation.ts';
import { createAuditAccess } from '../api/auditAccess';
import type { ApiClient } from '../api/client';
import { createDirectory } from '../api/directory';
import { QueryFailure } from '../api/queryFailure';
import type { Asked } from '../run/asked';
import type { RunContext } from '../run/context';
import { visibilityOf } from '../settings';
import { fakeTemplates } from './fakeTemplates';
import { FIELDS } from './fields';

const stats = { elapsedMs: 1, rows: 0 };

/** Answers of a server that has nothing. */
const EMPTY: ApiClient = {
  search: () => of({ requests: [], stats }),
  volume: () => of({ buckets: [], series: [], stats: { ...stats, source: 'rollup' } }),
  metrics: () => of({ buckets: [], series: [], stats: { ...stats, source: 'rollup' } }),
  get: () => of({ requests: [], stats }),
  values: () => of({ values: [], more: false }),
  fields: () => of(FIELDS),
  markers: () => of({ markers: [], gaps: [] }),
  changes: () => of({ changes: [], gaps: [] }),
  change: () => throwError(() => new QueryFailure('none', { status: 404, code: 'change_unknown' })),
  explain: () => of({ explanations: [] }),
  impact: () => NEVER,
  incidents: () => of({ incidents: [], changes: [], oneIn: 1 }),
  tail: () => NEVER,
  health: () => of(undefined),
};

/** The schemas that the server reads bodies with; what does not pass them it would refuse. */
const SCHEMAS = {
  search: searchBody,
  volume: volumeBody,
  change: changeBody,
  changes: changesBody,
  metrics: metricsBody,
  values: valuesBody,
  markers: markersBody,
  explain: requestInvestigationBody,
  impact: impactBody,
  incidents: incidentBody,
  tail: tailBody,
};

export interface FakeApi {
  readonly client: ApiClient;
  /** Route and body of every call, in order. */
  readonly calls: (readonly [route: string, body: unknown])[];
}

/** A client that answers what a test says, and refuses bodies that the server would refuse. */
export function fakeApi(answers: Partial<ApiClient> = {}): FakeApi {
  const calls: (readonly [string, unknown])[] = [];
  const wrapped = Object.entries({ ...EMPTY, ...answers }).map(([route, answer]) => [
    route,
    (body?: unknown): Observable<unknown> => {
      calls.push([route, body]);
      const schema = SCHEMAS[route as keyof typeof SCHEMAS];
      const problem = schema?.safeParse(body).error;
      if (problem !== undefined) return throwError(() => problem);
      return (answer as (body: unknown) => Observable<unknown>)(body);
    },
  ]);
  return { client: Object.fromEntries(wrapped) as ApiClient, calls };
}

export function fakeContext(
  { client }: FakeApi,
  over: Partial<RunContext> & { readonly orgRole?: string } = {},
): RunContext {
  const { orgRole = 'Admin', ...rest } = over;
  return {
    client,
    directory: createDirectory(client, () => 0),
    audit: createAuditAccess(orgRole, () => 0),
    templates: fakeTemplates(),
    links: () => ({ self: { uid: 'aisix', name: 'AISIX' } }),
    environment: undefined,
    visibility: visibilityOf({}),
    ...rest,
  };
}

export const NOW = 1_795_415_470_000;

export const asked = (over: Partial<Asked> = {}): Asked => ({
  from: NOW - 3_600_000,
  to: NOW,
  intervalMs: 60_000,
  scopedVars: {},
  adHoc: [],
  explore: true,
  dashboard: false,
  annotation: false,
  timeZone: 'utc',
  ...over,
});
