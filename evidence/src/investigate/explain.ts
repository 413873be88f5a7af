import type { Catalogue } from '../model/catalogue.ts';
import type { ConfigChange } from '../model/change.ts';
import type { GatewayRequest } from '../model/request.ts';
import { configInForce } from './configInForce.ts';
import { changesSentence, earlierChanges } from './earlierChanges.ts';
import { explainAttempts } from './explainAttempts.ts';
import { explainOutcome } from './explainOutcome.ts';
import { explainUnknowns } from './explainUnknowns.ts';
import type { FeedSilence, RequestExplanation, TouchedResource } from './explanation.ts';
import { type Touched, touchedResources } from './touchedResources.ts';

/** A request whose times are put together may have started so much earlier or later, milliseconds. */
export const RECONSTRUCTED_UNCERTAINTY_MS = 500;

export interface ExplainInput {
  readonly request: GatewayRequest;
  /** The request's environment as it was at its start; absent where changes are not received. */
  readonly catalogue?: Catalogue | undefined;
  /** Of the environment and its organization, of the 24 h before the request, in any order. */
  readonly changes: readonly ConfigChange[];
  readonly silences?: readonly FeedSilence[];
  /** There were more changes than were handed in. */
  readonly changesCut?: boolean;
}

/**
 * Why one request ended as it did: whose doing it was and what that rests on, what it touched in the configuration in
 * force at its start, what changed of that before, what each attempt proves, and what cannot be known. Pure.
 */
export function explainRequest(input: ExplainInput): RequestExplanation {
  const { request, catalogue, silences = [] } = input;
  const uncertaintyMs = request.timing === 'reconstructed' ? RECONSTRUCTED_UNCERTAINTY_MS : 0;
  const config = configInForce({
    catalogue,
    changes: input.changes,
    // Routing was decided at the start.
    at: request.startTime,
    uncertaintyMs,
    dataPlane: request.dataPlane,
    silences,
  });
  const touched = touchedResources(request, config);
  const changes = earlierChanges(input.changes, touched, config, { uncertaintyMs, silences });
  const attempts = explainAttempts(request, config);
  const said = explainOutcome({ request, config, touched, changes, attempts });
  const cut = input.changesCut ?? false;
  return {
    environment: request.environment,
    requestId: request.requestId,
    ...(request.traceId !== undefined && { traceId: request.traceId }),
    n: request.n,
    startTime: request.startTime,
    outcome: request.outcome,
    ...(request.status !== undefined && { status: request.status }),
    ...said,
    configuration: config.basis,
    resources: touched.map((one) => shown(one, config.basis.complete)),
    changes,
    changesSentence: changesSentence(changes, { catalogue, config, touched, silences, cut }),
    attempts,
    unknowns: explainUnknowns({ request, catalogue, config, touched, changes, silences, cut }),
  };
}

function shown({ kind, id, name, role, certain, resolved }: Touched, complete: boolean): TouchedResource {
  const entry = resolved?.served ?? (resolved?.standing === 'in_transition' ? undefined : resolved?.wanted);
  const { standing = complete ? 'absent' : 'unknown', wanted } = resolved ?? {};
  const differs = (standing === 'refused' || standing === 'pending') && wanted !== undefined;
  return {
    kind,
    ...(id !== undefined && { id }),
    ...(name !== undefined && { name }),
    role,
    certain,
    standing,
    ...(entry !== undefined && { value: entry.value }),
    ...(entry?.revision !== undefined && { revision: entry.revision }),
    ...(entry?.since !== undefined && { since: entry.since }),
    ...(differs && {
      wanted: { value: wanted.value, ...(wanted.revision !== undefined && { revision: wanted.revision }) },
    }),
  };
}
