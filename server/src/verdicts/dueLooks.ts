import {
  type ConfigChange,
  type InvestigationParameters,
  isOfRequests,
  neededWindow,
} from '@aisix-observability/evidence';

/** What is to be looked at, and until when it has to be known. */
export interface DueLook {
  readonly change: ConfigChange;
  readonly environment: string;
  /** Requests that are compared, epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  /** When the newest look that is due was due: a look that was made before is not made again. */
  readonly dueAt: number;
}

export interface LookClock {
  readonly now: number;
  /** From the end of a look until everything in it is final, milliseconds. */
  readonly settleMillis: number;
}

/** When the looks at a change are due, epoch milliseconds, ascending. */
export function lookTimes(
  change: ConfigChange,
  parameters: InvestigationParameters,
  { settleMillis }: Pick<LookClock, 'settleMillis'>,
): number[] {
  const last = parameters.looks.at(-1)?.afterMillis ?? 0;
  // The needed window ends with the last look.
  const inForce = neededWindow(change, parameters).to - last;
  return parameters.looks.map(({ afterMillis }) => inForce + afterMillis + settleMillis);
}

/** What a look said of a state of the change, by its reason. */
const STATE_OF_REASON: Readonly<Record<string, ConfigChange['state']>> = {
  rejected_by_data_plane: 'rejected',
  superseded_before_in_force: 'superseded',
};

/**
 * Whether what a look found is contradicted by what was told later: a data plane that was away refused the document, or
 * one took it that another had refused.
 */
function isRefuted({ state, verdict }: ConfigChange): boolean {
  const computed = verdict?.computed;
  if (computed === undefined) return false;
  const said = computed.value === 'no_effect' ? STATE_OF_REASON[computed.reason] : undefined;
  if (said !== undefined) return said !== state;
  return (state === 'rejected' || state === 'superseded') && computed.value !== 'no_effect';
}

/**
 * Whether a change is not looked at any more as of `now`. What was found while the clock was ahead rests on requests that
 * had not come yet.
 */
export function isSettled(change: ConfigChange, now: number): boolean {
  const computed = change.verdict?.computed;
  return computed?.settled === true && computed.at <= now && !isRefuted(change);
}

/** Whose requests a change may touch: one of the whole organization those of every environment. */
function environmentsOf({ environment, resource }: ConfigChange, all: readonly string[]): readonly string[] {
  if (environment !== null) return [environment];
  return isOfRequests(resource.kind) ? all : [];
}

/**
 * The look at a change that is due, in each environment whose requests it may touch; none where it was made before. A
 * change whose verdict is settled is not looked at again, unless it was refuted since.
 */
export function dueLooks(
  change: ConfigChange,
  environments: readonly string[],
  parameters: InvestigationParameters,
  clock: LookClock,
  madeAt: number | undefined,
): DueLook[] {
  if (isSettled(change, clock.now)) return [];
  const times = lookTimes(change, parameters, clock);
  const dueAt = times.findLast((time) => time <= clock.now);
  // A look of a time that is still to come was made before the clock was set back.
  const isMade = madeAt !== undefined && madeAt <= clock.now && madeAt >= (dueAt ?? 0);
  if (dueAt === undefined || (isMade && !isRefuted(change))) return [];
  const { from, to } = neededWindow(change, parameters);
  const until = Math.min(to, clock.now - clock.settleMillis);
  return environmentsOf(change, environments).map((environment) => ({ change, environment, from, to: until, dueAt }));
}

/** A window read for several changes at once is at most so long: looks that were missed may be hours apart. */
const MAX_SHARED_MILLIS = 2 * 3_600_000;

/** Each change is compared with all others of its window, so that thousands of one burst are not weighed at once. */
const MAX_SHARED_CHANGES = 200;

interface SharedWindow {
  readonly looks: DueLook[];
  readonly environment: string;
  readonly from: number;
  to: number;
}

/** Looks that one window serves: of one environment, near in time. */
export function sharedWindows(looks: readonly DueLook[]): DueLook[][] {
  const windows: SharedWindow[] = [];
  for (const look of looks.toSorted((a, b) => a.from - b.from)) {
    const { environment, from, to } = look;
    const shared = windows.find(
      (one) =>
        one.environment === environment &&
        to - one.from <= MAX_SHARED_MILLIS &&
        from <= one.to &&
        one.looks.length < MAX_SHARED_CHANGES,
    );
    if (shared === undefined) {
      windows.push({ looks: [look], environment, from, to });
      continue;
    }
    shared.looks.push(look);
    shared.to = Math.max(shared.to, to);
  }
  return windows.map((one) => one.looks);
}
