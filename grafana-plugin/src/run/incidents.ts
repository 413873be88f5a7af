import type { DataFrame, QueryResultMetaNotice } from '@grafana/data';
import { map, type Observable, of, switchMap } from 'rxjs';
import type { IncidentInvestigation } from '../api/investigations';
import { QueryFailure } from '../api/queryFailure';
import { changeLinks, incidentLinks } from '../frames/links';
import { candidateTable, type FoundIncident, incidentTable } from '../investigation/incidentFrames';
import { incidentLines } from '../investigation/incidentLines';
import { nothingFrame } from '../investigation/lines';
import { interpolate, interpolateOne } from '../query/interpolate';
import type { InvestigationQuery } from '../query/model';
import { startTimeOf } from '../query/startTime';
import type { Asked } from './asked';
import { type Answer, executedOf, type Part, type RunContext } from './context';
import { everywhere } from './everywhere';
import { gapNotices } from './gaps';
import { inFlight } from './inFlight';
import { searchRequests } from './newestRequest';
import { rangeOf } from './range';

/** Incidents are looked for in so much; the server's own limit. */
const LONGEST_MILLIS = 6 * 60 * 60 * 1000;

/** Where the range is cut around the start of an incident: so much after it. */
const AFTER_START_MILLIS = 2 * 60 * 60 * 1000;

/** Times of trouble of the range with what may have caused each, or the one that began at `start`. */
export function runIncidents(
  query: InvestigationQuery,
  environments: readonly string[],
  asked: Asked,
  context: RunContext,
): Observable<Answer> {
  const { client, audit, templates } = context;
  const start = startTimeOf(interpolateOne('The start', query.start, templates, asked.scopedVars), asked.timeZone);
  const models = query.models.map((model) => interpolate(model, templates, asked.scopedVars));
  const wanted = models.some(({ all }) => all)
    ? []
    : models.flatMap(({ values }) => values).filter((one) => one !== '');
  const { notices, ...whole } = rangeOf(asked);
  const { isCut, ...range } = cutTo(whole, start);
  const body = {
    ...range,
    ...(start === undefined ? {} : { start }),
    ...(wanted.length === 0 ? {} : { models: [...new Set(wanted)] }),
  };
  const weighed = everywhere(environments, (environment) =>
    client
      .incidents({ ...body, ...environment })
      .pipe(map((answer) => ({ ...answer, environment: environment.environment ?? '' }))),
  );
  // The list of incidents and that of all candidates stand on one dashboard, and are a heavy question.
  const found = asking(context, JSON.stringify([environments, body]), weighed);
  return audit.watch(found).pipe(
    switchMap((answers) => {
      const incidents = answers.flatMap(({ incidents: each, changes, environment }) =>
        each.map((incident): FoundIncident => ({ incident, changes, environment })),
      );
      // With a start the one that is nearest to it comes first, as the server has them.
      if (start === undefined) incidents.sort((a, b) => b.incident.start - a.incident.start);
      const oneIn = Math.max(1, ...answers.map((answer) => answer.oneIn));
      const made =
        incidents.length > 0
          ? of({
              frames: framesOf(incidents, query, start !== undefined, context),
              notices: start === undefined && leavesOut(incidents, query) ? [FEW_BYSTANDERS] : [],
            })
          : nothing(query, body, environments, answers, client);
      return made.pipe(
        map((part) => ({
          frames: part.frames,
          notices: [
            ...notices,
            ...part.notices,
            ...(isCut ? [CUT] : []),
            ...(oneIn > 1 ? [sampled(oneIn)] : []),
            ...(answers.some(({ changesCut }) => changesCut === true) ? [CHANGES_CUT] : []),
            ...gapNotices(answers.flatMap(({ silent = [] }) => silent)),
          ],
          executed: executedOf('investigations/incident', body),
        })),
      );
    }),
  );
}

const asking = inFlight<readonly (IncidentInvestigation & { readonly environment: string })[]>();

/** As much as the server takes: the newest part, or the one around the start. */
function cutTo({ from, to }: { readonly from: number; readonly to: number }, start: number | undefined) {
  if (start !== undefined && (start < from || start > to)) {
    throw new QueryFailure('The start is outside of the range: choose a range that holds it.');
  }
  const end = start === undefined ? to : Math.min(to, start + AFTER_START_MILLIS);
  if (to - from <= LONGEST_MILLIS) return { from, to, isCut: false };
  return { from: Math.max(from, end - LONGEST_MILLIS), to: end, isCut: true };
}

/** Of several incidents, so that one does not push the next out of sight; of one that is named all are shown. */
const BYSTANDERS = 3;

const FEW_BYSTANDERS: QueryResultMetaNotice = {
  severity: 'info',
  text: `Of each incident the first ${BYSTANDERS} bystanders are shown; all of them where its start is named.`,
};

const leavesOut = (incidents: readonly FoundIncident[], { shape }: InvestigationQuery): boolean =>
  shape === 'table' &&
  incidents.some(({ incident }) => incident.candidates.filter(({ bystander }) => bystander).length > BYSTANDERS);

function framesOf(
  incidents: readonly FoundIncident[],
  { refId, shape }: InvestigationQuery,
  isNamed: boolean,
  { links }: RunContext,
): DataFrame[] {
  const targets = links();
  const options = { refId, links: changeLinks(targets), incidentLinks: incidentLinks(targets) };
  if (shape === 'table') {
    return [candidateTable(incidents, isNamed ? options : { ...options, bystanders: BYSTANDERS })];
  }
  // One that is asked for is told, several are listed.
  return [isNamed ? incidentLines(incidents, refId) : incidentTable(incidents, options)];
}

/** Without incidents either nothing went wrong together, or nobody asked for anything: that is not the same. */
function nothing(
  { refId, shape }: InvestigationQuery,
  { from, to }: { readonly from: number; readonly to: number },
  environments: readonly string[],
  answers: readonly IncidentInvestigation[],
  client: RunContext['client'],
): Observable<Part> {
  const filters =
    environments.length === 0 ? [] : [{ field: 'environment', op: 'in' as const, value: [...environments] }];
  // An older server does not count them.
  const counted = answers.every((answer) => answer.requests !== undefined);
  const looked = answers.reduce((sum, answer) => sum + (answer.requests ?? 0), 0);
  const requests = counted
    ? of(looked)
    : searchRequests({ from, to, filters, limit: 1 }, client).found.pipe(map(({ length }) => length));
  return requests.pipe(
    map((count) => {
      const [finding, says] = count === 0 ? NO_REQUESTS : NO_TROUBLE;
      if (shape === 'readable') return { frames: [nothingFrame(finding, says, refId)], notices: [] };
      return { frames: [candidateTable([], { refId })], notices: [{ severity: 'info', text: says }] };
    }),
  );
}

const NO_REQUESTS = ['no data', 'No requests are known in the range, so that nothing can be said about it.'] as const;
const NO_TROUBLE = [
  'no incident',
  'There were requests, and none of them went wrong together: no more failures, slowness or silence than usual. Single failures are no incident; follow the link of their row.',
] as const;

const CHANGES_CUT: QueryResultMetaNotice = {
  severity: 'info',
  text: 'There are more changes than are looked at: the oldest are no candidates. Choose a shorter range.',
};

const CUT: QueryResultMetaNotice = {
  severity: 'info',
  text: 'Incidents are looked for in six hours: the newest of the range, or those around the start.',
};

const sampled = (oneIn: number): QueryResultMetaNotice => ({
  severity: 'info',
  text: `There are so many requests that about one in ${oneIn} was looked at.`,
});
