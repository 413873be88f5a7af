import {
  AUDIT_CLOCK_AHEAD_MS,
  type Catalogue,
  type ConfigChange,
  explainRequest,
  type FeedSilence,
  type GatewayRequest,
  LOOKBACK_MS,
  type RequestExplanation,
} from '@aisix-observability/evidence';
import type { RequestReader } from '../api/context.ts';
import type { RequestQuestion } from '../api/routes/investigations.ts';
import type { ChangeReader } from '../audit/auditThread.ts';

/** Of one id so many requests are explained; who reuses an id more often than that asks for a search. */
const MAX_EXPLAINED = 10;
/** Changes that are looked at for one request; of more the newest. */
const MAX_CHANGES = 1_000;

/** A watcher finds what it missed so soon after its silence. */
const FOUND_AFTER_MS = 60_000;

/** What is asked of the ledger; absent where changes are not received. */
export type ChangeHistory = Pick<ChangeReader, 'search' | 'gaps' | 'catalogue'>;

export interface ExplainDeps {
  readonly store: Pick<RequestReader, 'get'>;
  readonly changes: ChangeHistory | undefined;
}

/** Explains every request of an id in the environments of the scope, newest first. */
export async function explainRequests(
  { scope, organizationWide, requestId }: RequestQuestion,
  { store, changes }: ExplainDeps,
  signal?: AbortSignal,
): Promise<readonly RequestExplanation[]> {
  const pages = await Promise.all(
    scope.environments.map((environment) => store.get({ scope, environment, requestId }, signal)),
  );
  const requests = pages
    .flatMap((page) => JSON.parse(page.requests) as GatewayRequest[])
    .toSorted((a, b) => b.startTime - a.startTime)
    .slice(0, MAX_EXPLAINED);
  return Promise.all(
    requests.map(async (request) =>
      explainRequest({ request, ...(await knownOf(request, organizationWide, changes, signal)) }),
    ),
  );
}

interface Known {
  readonly catalogue?: Catalogue;
  readonly changes: readonly ConfigChange[];
  readonly silences: readonly FeedSilence[];
  readonly changesCut: boolean;
}

async function knownOf(
  { environment, startTime }: GatewayRequest,
  organizationWide: boolean,
  changes: ChangeHistory | undefined,
  signal?: AbortSignal,
): Promise<Known> {
  if (changes === undefined) return { changes: [], silences: [], changesCut: false };
  // Changes that a data plane served before the request may be dated after it; the others are left out later.
  const range = { environments: [environment], from: startTime - LOOKBACK_MS, to: startTime + AUDIT_CLOCK_AHEAD_MS };
  const [catalogue, gaps] = await Promise.all([
    changes.catalogue({ environment, time: startTime }, signal),
    changes.gaps(range, signal),
  ]);
  // What was made in a silence around the request is dated by its end, when it was found.
  const ends = gaps.flatMap((gap) => (gap.from <= startTime && gap.to !== undefined ? [gap.to + FOUND_AFTER_MS] : []));
  const to = Math.max(range.to, ...ends);
  const page = await changes.search({ ...range, to, organizationWide, limit: MAX_CHANGES, order: 'newest' }, signal);
  return {
    catalogue,
    changes: page.changes,
    silences: gaps.map(({ feed, dataPlane, from, to }) => ({
      feed: feed.name,
      from,
      ...(dataPlane !== undefined && { dataPlane }),
      ...(to !== undefined && { to }),
    })),
    changesCut: page.nextCursor !== undefined,
  };
}
