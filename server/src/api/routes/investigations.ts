import type {
  ConfigChange,
  Impact,
  Incident,
  IncidentQuery,
  ReadScope,
  RequestExplanation,
  SilentSpan,
} from '@aisix-observability/evidence';
import { formatDuration } from '../../config/units.ts';
import { type ApiContext, type ApiDeps, askedBy, askingOf } from '../context.ts';
import {
  impactBody,
  impactInvestigation,
  incidentBody,
  incidentInvestigation,
  requestInvestigation,
  requestInvestigationBody,
} from '../contract/investigation.ts';
import { ApiError, type ApiErrorCode } from '../errors.ts';
import { API_LIMITS } from '../limits.ts';
import { seesOrganization } from '../query/environments.ts';
import { checkRange, checkTime } from '../query/range.ts';
import { narrowScope } from '../query/selection.ts';
import { visibleChange } from '../query/visibleChange.ts';
import type { ApiRouter } from '../router.ts';
import type { ChangeSource } from './changes.ts';

/** What is asked of one request. */
export interface RequestQuestion {
  readonly scope: ReadScope;
  /** Whether changes of the whole organization are part of it. */
  readonly organizationWide: boolean;
  readonly requestId: string;
}

/** Whose requests are looked at. */
export interface WeighingPlace {
  readonly scope: ReadScope;
  readonly environment: string;
  readonly organizationWide: boolean;
}

/** What a change did, and what may have caused an incident. `oneIn`: about every n-th request was looked at. */
export interface Weighing {
  impact(
    change: ConfigChange,
    place: WeighingPlace,
    signal: AbortSignal,
  ): Promise<{ readonly impact: Impact; readonly oneIn: number; readonly changesCut?: true } | undefined>;
  incident(
    question: WeighingPlace & IncidentQuery & { readonly from: number; readonly to: number },
    signal: AbortSignal,
  ): Promise<{
    readonly incidents: readonly Incident[];
    readonly changes: readonly ConfigChange[];
    readonly oneIn: number;
    readonly requests: number;
    readonly silent: readonly SilentSpan[];
    readonly changesCut?: true;
  }>;
}

/** What concludes from requests and changes together. */
export interface Investigations {
  /** Every request of that id, newest first; empty where there is none. */
  request(question: RequestQuestion, signal: AbortSignal): Promise<readonly RequestExplanation[]>;
  /** Absent where changes are not received. */
  readonly weighing?: Weighing;
}

const RUN_ERRORS = [
  'too_many_queries',
  'query_timeout',
  'store_unavailable',
  'stopping',
  'environment_unknown',
  'environment_none',
] as const satisfies readonly ApiErrorCode[];

/** A call that was refused for its key has an id for the caller, and leaves no event. */
const NO_EVENT_HINT =
  'a call whose key was refused usually leaves no event, and an event may come some seconds late or not at all';

/** Routes of audit readers that say what broke what. */
export function addInvestigationRoutes(
  router: ApiRouter,
  { environments, run, sender }: Pick<ApiDeps, 'environments' | 'run' | 'sender'>,
  {
    investigations,
    changes,
  }: {
    readonly investigations?: Investigations | undefined;
    readonly changes?: ChangeSource | undefined;
  },
): void {
  const source = (): Investigations => {
    if (investigations !== undefined) return investigations;
    throw new ApiError('changes_off', 'this server does not investigate');
  };

  router.post(
    {
      path: '/investigations/request',
      summary: 'Why a request ended as it did, with the configuration in force at its start and what changed before',
      body: requestInvestigationBody,
      answer: requestInvestigation,
      errors: [...RUN_ERRORS, 'changes_off', 'request_unknown'],
    },
    async ({ environment, requestId }, c) => {
      sender.checkRoom();
      const asked = source();
      const { reader } = c.var;
      const scope = narrowScope(environment, askingOf(reader, environments));
      const organizationWide = seesOrganization(reader.environments, environments);
      const explanations = await run({ ...askedBy(c), name: 'investigate_request', lane: 'light' }, (signal) =>
        asked.request({ scope, organizationWide, requestId }, signal),
      );
      if (explanations.length === 0) {
        throw new ApiError(
          'request_unknown',
          'there is no request of that id among those that you may see',
          NO_EVENT_HINT,
        );
      }
      return sender.json(c, [JSON.stringify({ explanations })]);
    },
  );

  const weighing = (): { readonly weighing: Weighing; readonly changes: ChangeSource } => {
    const asked = source().weighing;
    if (asked !== undefined && changes !== undefined) return { weighing: asked, changes };
    throw new ApiError('changes_off', 'this server does not receive changes', 'see `audit` of the configuration');
  };
  /** The one environment that is meant. */
  const placeOf = (environment: string | undefined, c: ApiContext): WeighingPlace => {
    const { reader } = c.var;
    const scope = narrowScope(environment, askingOf(reader, environments));
    const [only, ...others] = scope.environments;
    if (only === undefined || others.length > 0) {
      throw new ApiError('value_missing', '`environment` is missing: you may see several', 'name one of them');
    }
    return { scope, environment: only, organizationWide: seesOrganization(reader.environments, environments) };
  };

  router.post(
    {
      path: '/investigations/impact',
      summary: 'What a change did to the requests that it touches, beside those that it does not',
      description:
        'As of now: a change is looked at ten and thirty seconds, one, two, five, ten and twenty minutes after it came into force, and `nextLookAt` says when more will be known.',
      body: impactBody,
      answer: impactInvestigation,
      errors: [...RUN_ERRORS, 'changes_off', 'change_unknown'],
    },
    async ({ id, environment }, c) => {
      sender.checkRoom();
      const asked = weighing();
      const answer = await run({ ...askedBy(c), name: 'investigate_impact', lane: 'heavy' }, async (signal) => {
        const change = visibleChange(await asked.changes.get(id, signal), c.var.reader, environments);
        const place = placeOf(change.environment ?? environment, c);
        const weighed = await asked.weighing.impact(change, place, signal);
        return weighed === undefined ? undefined : { change, ...weighed };
      });
      if (answer === undefined) {
        throw new ApiError('change_unknown', 'there is no change of that id among those that you may see');
      }
      return sender.json(c, [JSON.stringify(answer)]);
    },
  );

  router.post(
    {
      path: '/investigations/incident',
      summary: 'Times of trouble in a range, each with what may have caused it, best first',
      description:
        'Candidates are changes, providers, callers, and that no change explains it. With `start` the incident of that moment.',
      body: incidentBody,
      answer: incidentInvestigation,
      errors: [...RUN_ERRORS, 'changes_off', 'range_reversed', 'range_too_long', 'time_not_millis'],
    },
    async ({ from, to, environment, start, end, ...filter }, c) => {
      sender.checkRoom();
      const asked = weighing();
      checkRange({ from, to });
      const longest = API_LIMITS.incidentRangeMillis.value;
      if (to - from > longest) {
        throw new ApiError(
          'range_too_long',
          `the range is ${formatDuration(to - from)} long, an incident is looked for in ${formatDuration(longest)}`,
        );
      }
      const place = placeOf(environment, c);
      const question = {
        ...place,
        from,
        to,
        ...(start === undefined ? {} : { start: checkTime('start', start) }),
        ...(end === undefined ? {} : { end: checkTime('end', end) }),
        ...(Object.values(filter).every((list) => list === undefined) ? {} : { filter: withoutAbsent(filter) }),
      };
      const answer = await run({ ...askedBy(c), name: 'investigate_incident', lane: 'heavy' }, (signal) =>
        asked.weighing.incident(question, signal),
      );
      return sender.json(c, [JSON.stringify(answer)]);
    },
  );
}

/** Without the keys that hold nothing. */
function withoutAbsent<T extends object>(value: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, held]) => held !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>;
  };
}
