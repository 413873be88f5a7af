import type { ReadScope, RequestExplanation } from '@aisix-observability/evidence';
import { type ApiDeps, askedBy, askingOf } from '../context.ts';
import { requestInvestigation, requestInvestigationBody } from '../contract/investigation.ts';
import { ApiError, type ApiErrorCode } from '../errors.ts';
import { seesOrganization } from '../query/environments.ts';
import { narrowScope } from '../query/selection.ts';
import type { ApiRouter } from '../router.ts';

/** What is asked of one request. */
export interface RequestQuestion {
  readonly scope: ReadScope;
  /** Whether changes of the whole organization are part of it. */
  readonly organizationWide: boolean;
  readonly requestId: string;
}

/** What concludes from requests and changes together. */
export interface Investigations {
  /** Every request of that id, newest first; empty where there is none. */
  request(question: RequestQuestion, signal: AbortSignal): Promise<readonly RequestExplanation[]>;
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
  investigations: Investigations | undefined,
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
}
