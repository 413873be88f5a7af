import {
  type ConfigChange,
  type Impact,
  neededWindow,
  PRODUCT_PARAMETERS,
  type ReadScope,
} from '@aisix-observability/evidence';
import { type GatherDeps, gather, SETTLE_MILLIS } from './gather.ts';
import type { Judge } from './judge.ts';

export interface WeighDeps extends GatherDeps {
  readonly judge: Judge;
}

/** What became of one change. */
export interface WeighedChange {
  readonly impact: Impact;
  /** n: about every n-th request was looked at. */
  readonly oneIn: number;
  /** There were more changes around it than are looked at; absent where there were not. */
  readonly changesCut?: true;
}

/** Weighs one change against the requests of an environment, as of `now` (epoch milliseconds). */
export async function weighOne(
  change: ConfigChange,
  asked: {
    readonly scope: ReadScope;
    readonly environment: string;
    readonly organizationWide: boolean;
    readonly now: number;
  },
  deps: WeighDeps,
  signal?: AbortSignal,
): Promise<WeighedChange | undefined> {
  const { now, ...place } = asked;
  const needed = neededWindow(change, PRODUCT_PARAMETERS);
  // What is not final yet would be missing, and successes are final before failures.
  const known = now - SETTLE_MILLIS;
  const to = Math.max(needed.from + 1, Math.min(needed.to, known));
  const { oneIn, changesCut, ...gathered } = await gather({ ...place, from: needed.from, to }, deps, signal);
  const changes = gathered.changes.some(({ id }) => id === change.id)
    ? gathered.changes
    : [...gathered.changes, change];
  const [impact] = await deps.judge.weigh({ ...gathered, changes }, [change.id], known, signal);
  return impact === undefined ? undefined : { impact, oneIn, ...(changesCut && { changesCut }) };
}
