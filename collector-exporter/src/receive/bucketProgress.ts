import { type Log, StateFileError } from '@aisix-observability/pipeline';
import { createTakenObjects, type TakenObjects } from './bucketMemory.ts';
import {
  CLOCK_SKEW_MILLIS,
  firstOpenHour,
  HOUR_MILLIS,
  hourOf,
  hourOfPartition,
  SLACK_MILLIS,
} from './bucketPartitions.ts';
import type { FollowerSnapshot, FollowerState, SetAsideObject } from './bucketState.ts';

/** Partitions that are over are looked through for late objects for so long. */
export const SWEEP_HOURS = 48;

/** Names of objects that were given up; older ones are counted only. */
const MAX_SET_ASIDE = 1000;

/** A crash repeats at most what was taken since; a poll may take many minutes after a long absence. */
const SAVE_MILLIS = 5000;
/** More keys than these make a file of some hundred kilobytes: it is written less often, also at the end of a poll. */
const MANY_KEYS = 20_000;
const SAVE_MANY_MILLIS = 60_000;

/** What was read could not be written down. */
export class FollowerSaveError extends Error {
  constructor(cause: unknown) {
    super('the state of a bucket follower cannot be written', { cause });
    this.name = 'FollowerSaveError';
  }
}

export interface FollowerProgressOptions {
  readonly endpoint?: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly since?: number;
  readonly state: FollowerState;
  readonly now: () => number;
  readonly log: Log;
}

/** What a follower has done, as far as it must survive a restart. */
export interface FollowerProgress {
  readonly taken: TakenObjects;
  /** Start of the oldest hour that may still hold objects that were not taken. */
  openFrom(): number;
  moveOpenFrom(hour: number): void;
  /** True for an object that existed before anybody asked for it. */
  isOld(modifiedAt: number): boolean;
  setAside(): readonly SetAsideObject[];
  setAsideCount(): number;
  addSetAside(object: SetAsideObject): void;
  /** Notes that there is something to save. */
  changed(): void;
  /** Forgets partitions beyond the sweep. */
  forgetBefore(hour: number): void;
  /** Saves what changed when it is time to; `atOnce` earlier, unless there is much. @throws FollowerSaveError */
  save(atOnce: boolean): void;
  /** Saves what changed. @throws FollowerSaveError */
  saveLast(): void;
}

/** @throws StateFileError when the state is of a newer version. */
export function createFollowerProgress(options: FollowerProgressOptions): FollowerProgress {
  const { state, now, log } = options;
  const place = `${options.endpoint ?? ''} ${options.bucket} ${options.prefix}`;
  const start = beginning(options, place);
  const taken = createTakenObjects(start.partitions);
  const setAside = [...start.setAside];
  let { openFrom, setAsideCount } = start;
  let unsaved = false;
  let savedAt = now();

  return {
    taken,
    openFrom: () => openFrom,
    moveOpenFrom(hour) {
      if (hour === openFrom) return;
      openFrom = hour;
      unsaved = true;
    },
    isOld: (modifiedAt) => start.notBefore !== undefined && modifiedAt < start.notBefore,
    setAside: () => setAside,
    setAsideCount: () => setAsideCount,
    addSetAside(object) {
      setAside.push(object);
      if (setAside.length > MAX_SET_ASIDE) setAside.shift();
      setAsideCount += 1;
      unsaved = true;
      log('error', 'An object of a followed bucket cannot be read and was set aside.', { ...object });
    },
    changed() {
      unsaved = true;
    },
    forgetBefore(hour) {
      for (const partition of taken.partitions()) {
        const own = hourOfPartition(partition);
        if (own !== undefined && own < hour && own < openFrom) taken.forget(partition);
      }
    },
    save(atOnce) {
      const at = now();
      const isMuch = taken.size() > MANY_KEYS;
      const pause = isMuch ? SAVE_MANY_MILLIS : SAVE_MILLIS;
      const isEarly = at >= savedAt && at - savedAt < pause;
      if (!unsaved || (isEarly && (isMuch || !atOnce))) return;
      write();
      savedAt = at;
    },
    saveLast() {
      if (unsaved) write();
    },
  };

  function write(): void {
    const snapshot: FollowerSnapshot = {
      version: 1,
      place,
      openFrom,
      ...(start.notBefore === undefined ? {} : { notBefore: start.notBefore }),
      partitions: taken.snapshot(),
      setAside,
      setAsideCount,
    };
    try {
      state.save(snapshot);
    } catch (error) {
      throw new FollowerSaveError(error);
    }
    unsaved = false;
  }
}

function beginning({ state, since, now, log }: FollowerProgressOptions, place: string): FollowerSnapshot {
  const nothing = { version: 1, place, partitions: {}, setAside: [], setAsideCount: 0 } as const;
  try {
    const found = state.load();
    if (found?.place === place) return found;
    if (found !== undefined) log('warn', 'A follower was pointed at another bucket or prefix and starts afresh.');
  } catch (error) {
    if (!(error instanceof StateFileError) || error.code !== 'state_unreadable') throw error;
    // Reading two days again changes nothing; starting with what is new would leave a hole.
    log('error', 'The state of a bucket follower was damaged; the last two days are read again.');
    return { ...nothing, openFrom: hourOf(now() - SWEEP_HOURS * HOUR_MILLIS) };
  }
  if (since !== undefined) return { ...nothing, openFrom: hourOf(since - SLACK_MILLIS) };
  return { ...nothing, openFrom: firstOpenHour(now()), notBefore: now() - CLOCK_SKEW_MILLIS };
}
