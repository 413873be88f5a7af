import type { ComputedVerdict } from '@aisix-observability/audit-bridge';
import {
  type ConfigChange,
  type InvestigationParameters,
  type PackedWindow,
  PRODUCT_PARAMETERS,
} from '@aisix-observability/evidence';
import { type Clock, createOccasionalLog, type Log, type Recorder, systemClock } from '@aisix-observability/pipeline';
import type { AuditThread } from '../audit/auditThread.ts';
import { type GatherDeps, gather, SETTLE_MILLIS } from '../investigate/gather.ts';
import type { Judge } from '../investigate/judge.ts';
import type { RequestStore } from '../store/requestStore.ts';
import { type DueLook, dueLooks, isSettled, lookTimes, sharedWindows } from './dueLooks.ts';
import { type FoundImpact, worstImpact } from './worstImpact.ts';

export interface VerdictsOptions {
  readonly store: GatherDeps['store'] & Pick<RequestStore, 'onApplied'>;
  readonly changes: GatherDeps['changes'] & Pick<AuditThread, 'setComputed'>;
  readonly judge: Pick<Judge, 'weigh'>;
  /** Ids. */
  readonly environments: readonly string[];
  readonly log: Log;
  readonly recorder: Recorder;
  readonly clock?: Clock;
  readonly parameters?: InvestigationParameters;
}

/** Looks at every change some times after it, and keeps in the ledger what was found. */
export interface Verdicts {
  /** Makes every look that is due. Resolves when they are made. */
  look(): Promise<void>;
  close(): Promise<void>;
}

/** Changes older than this are not looked at any more: after a longer absence, by whoever asks. */
const HORIZON_MILLIS = 24 * 3_600_000;
/** How soon a new change is noticed; the first look at it is made half a minute after it. */
const NOTICE_MILLIS = 15_000;
/**
 * After a start requests may still be on their way into the store: archives, a bucket that is followed, a backlog. So long,
 * and while the store takes something, a look waits where its end is empty; else an empty end is taken for what it is.
 */
const CATCH_UP_MILLIS = 10 * 60_000;
/** The store took nothing for so long: nothing is on its way. */
const QUIET_MILLIS = 20_000;
/** Looks are not made more often than this, whatever is due. */
const LEAST_PAUSE_MILLIS = 1_000;
/** Changes are read in pages of so many. */
const PAGE_CHANGES = 1_000;
/** Pages that are followed: more than ten thousand changes a day are a loop of automation, and only the newest count. */
const MAX_PAGES = 10;

/**
 * Starts the timed looks. Nothing but the ledger is kept: what is not settled there is looked at again after a restart,
 * and a look gives the same however late it is made.
 */
export function startVerdicts(options: VerdictsOptions): Verdicts {
  const { changes, judge, environments, log, recorder, clock = systemClock, parameters = PRODUCT_PARAMETERS } = options;
  const complain = createOccasionalLog(log, clock);
  /** By change: when the newest look that was made was due. */
  let made = new Map<string, number>();
  const startedAt = clock.now();
  let appliedAt = startedAt;
  const stopListening = options.store.onApplied(() => {
    appliedAt = clock.now();
  });
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let cancel: () => void = () => {};

  async function look(): Promise<void> {
    const now = clock.now();
    const all = await followed(now);
    const times = { now, settleMillis: SETTLE_MILLIS };
    const due = all.flatMap((change) => dueLooks(change, environments, parameters, times, made.get(change.id)));
    const left = Map.groupBy(due, ({ change }) => change.id);
    const found = new Map<string, FoundImpact[]>();
    for (const group of sharedWindows(due)) {
      if (stopping.signal.aborted) return;
      await lookAt(group, now)
        .then(async (impacts) => {
          for (const [id, one] of impacts) {
            const own = [...(found.get(id) ?? []), one];
            found.set(id, own);
            // One of the whole organization is judged when every environment was looked at.
            if (own.length === left.get(id)?.length) await keep(left.get(id)?.[0], own, now);
          }
        })
        .catch(failed);
    }
    const present = new Set(all.map(({ id }) => id));
    made = new Map([...made].filter(([id]) => present.has(id)));
    next(nextTime(all, now) - now);
  }

  /** Changes that are young enough, newest first. */
  async function followed(now: number): Promise<readonly ConfigChange[]> {
    const query = {
      environments,
      organizationWide: true,
      from: now - HORIZON_MILLIS,
      to: now,
      limit: PAGE_CHANGES,
      order: 'newest',
    } as const;
    const found: ConfigChange[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const { changes: some, nextCursor } = await changes.search(
        { ...query, ...(cursor !== undefined && { cursor }) },
        stopping.signal,
      );
      found.push(...some);
      cursor = nextCursor;
      if (cursor === undefined) break;
    }
    recorder.gauge('aisix_verdict_changes_cut', cursor === undefined ? 0 : 1);
    if (cursor !== undefined) {
      complain('cut', 'warn', 'More changes in a day than are looked at, the oldest are left out', {
        limit: found.length,
      });
    }
    return found;
  }

  /** Whether requests may be on their way that started long ago. */
  function mayArrive(now: number): boolean {
    return now - startedAt < CATCH_UP_MILLIS && now - Math.max(startedAt, appliedAt) < QUIET_MILLIS;
  }

  /** One window for several changes that are due; empty while requests may be on their way into it. */
  async function lookAt(looks: readonly DueLook[], now: number): Promise<ReadonlyMap<string, FoundImpact>> {
    const [{ environment } = { environment: '' }] = looks;
    const from = Math.min(...looks.map((one) => one.from));
    const to = Math.max(from + 1, ...looks.map((one) => one.to));
    const place = { scope: { environments: [environment], visibility: {} }, environment, organizationWide: true };
    const { oneIn, changesCut: _, ...known } = await gather({ ...place, from, to }, options, stopping.signal);
    const end = Math.max(...looks.map(({ dueAt }) => dueAt)) - SETTLE_MILLIS;
    if (mayArrive(now) && isEmptyBefore(end, known.window)) return new Map();
    const ids = looks.map(({ change }) => change.id);
    const listed = new Set(known.changes.map(({ id }) => id));
    const missing = looks.map(({ change }) => change).filter(({ id }) => !listed.has(id));
    const input = { ...known, changes: [...known.changes, ...missing] };
    const impacts = await judge.weigh(input, ids, now - SETTLE_MILLIS, stopping.signal);
    return new Map(impacts.map((impact) => [impact.changeId, { impact, oneIn }]));
  }

  async function keep(look: DueLook | undefined, found: readonly FoundImpact[], at: number): Promise<void> {
    const worst = worstImpact(found);
    if (look === undefined || worst === undefined) return;
    const { change, dueAt } = look;
    recorder.count('aisix_verdict_looks', 1, { verdict: worst.impact.verdict });
    const computed = computedOf(worst, at);
    // Every look would make a row; only what is news does.
    if (!isSame(change.verdict?.computed, computed)) await changes.setComputed(change.id, computed);
    made.set(change.id, dueAt);
  }

  function failed(error: unknown): void {
    if (stopping.signal.aborted) return;
    recorder.count('aisix_verdict_look_failures', 1);
    complain('look', 'warn', 'Changes could not be looked at, trying again', { error });
  }

  function nextTime(all: readonly ConfigChange[], now: number): number {
    const upcoming = all.flatMap((change) =>
      isSettled(change)
        ? []
        : lookTimes(change, parameters, { settleMillis: SETTLE_MILLIS }).filter((time) => time > now),
    );
    return Math.min(now + NOTICE_MILLIS, ...upcoming);
  }

  function next(millis: number): void {
    if (stopping.signal.aborted) return;
    cancel();
    cancel = clock.after(Math.max(LEAST_PAUSE_MILLIS, millis), run);
  }

  function run(): void {
    running = running.then(look).catch((error: unknown) => {
      failed(error);
      next(NOTICE_MILLIS);
    });
  }

  run();
  return {
    async look() {
      run();
      await running;
    },
    async close() {
      stopping.abort(new Error('the server is stopping'));
      cancel();
      stopListening();
      await running;
    },
  };
}

/** No pause of steady traffic is so many times as long as a usual one, or longer than this. */
const LEAST_PAUSE_REQUESTS = 20;
const LEAST_EMPTY_MILLIS = 30_000;

/** Whether the requests of a window stop long before a moment. */
function isEmptyBefore(end: number, { startTime, length }: PackedWindow): boolean {
  const [first = end, last = end] = [startTime[0], startTime[length - 1]];
  if (length === 0) return true;
  return end - last > Math.max(LEAST_EMPTY_MILLIS, (LEAST_PAUSE_REQUESTS * (last - first)) / length);
}

function computedOf({ impact, oneIn }: FoundImpact, at: number): ComputedVerdict {
  const { verdict, reason, sentence, look, settled } = impact;
  // Counts are of what was looked at.
  const told = oneIn === 1 ? sentence : `${sentence} (One in ${oneIn} requests was looked at.)`;
  return { value: verdict, reason, look: look?.name ?? 'none', at, sentence: told, settled };
}

function isSame(before: ComputedVerdict | undefined, { value, reason, settled }: ComputedVerdict): boolean {
  return before !== undefined && before.value === value && before.reason === reason && before.settled === settled;
}
