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

/** Whether a change is not looked at any more. */
export function isSettled(change: ConfigChange): boolean {
  return change.verdict?.computed?.settled === true && !isRefuted(change);
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
  if (isSettled(change)) return [];
  const times = lookTimes(change, parameters, clock);
  const dueAt = times.findLast((time) => time <= clock.now);
  if (dueAt === undefined || (madeAt !== undefined && madeAt >= dueAt && !isRefuted(change))) return [];
  const { from, to } = neededWindow(change, parameters);
  const until = Math.min(to, clock.now - clock.settleMillis);
  return environmentsOf(change, environments).map((environment) => ({ change, environment, from, to: until, dueAt }));
}

/** A window read for several changes at once is at most so long: looks that were missed may be hours apart. */
const MAX_SHARED_MILLIS = 2 * 3_600_000;

/** Looks that one window serves: of one environment, near in time. */
export function sharedWindows(looks: readonly DueLook[]): DueLook[][] {
  const groups: DueLook[][] = [];
  for (const look of looks.toSorted((a, b) => a.from - b.from)) {
    const fits = (group: readonly DueLook[]) =>
      group[0] !== undefined &&
      group[0].environment === look.environment &&
      look.to - group[0].from <= MAX_SHARED_MILLIS &&
      look.from <= Math.max(...group.map(({ to }) => to));
    const group = groups.find(fits);
    if (group === undefined) groups.push([look]);
    else group.push(look);
  }
  return groups;
}
