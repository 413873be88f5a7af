/**
 * Which day holds which keys (their first halves), so that a request is looked for only where it can be: by applying, of
 * a version whose earlier one may be anywhere, and by `get`, without a time. It says "no" with certainty and "yes" with
 * hardly any error; where it does not know, it says "yes".
 */
export interface KeyIndex {
  mayHold(day: number, key: number): boolean;
  /** Whether the keys of a day are known, or will be. */
  covers(day: number): boolean;
  add(day: number, keys: Iterable<number>): void;
  drop(day: number): void;
  /** Takes the sorted keys of a day; what was added to it meanwhile stays. */
  loaded(day: number, sorted: Uint32Array): void;
}

/** 4 bytes each: 200 MB of memory. Days beyond, the oldest, are not covered. */
export const MAX_INDEXED_KEYS = 50_000_000;

/** Keys of a day that wait in a set until they are merged, which takes some milliseconds. */
const MAX_RECENT_KEYS = 65_536;

interface DayKeys {
  /** Undefined while it is not read. */
  sorted: Uint32Array | undefined;
  recent: Set<number>;
}

export function createKeyIndex(maxKeys: number = MAX_INDEXED_KEYS): KeyIndex {
  const days = new Map<number, DayKeys>();
  const uncovered = new Set<number>();

  function keysOf(day: number): DayKeys {
    const known = days.get(day) ?? { sorted: undefined, recent: new Set<number>() };
    days.set(day, known);
    return known;
  }
  function merge(keys: DayKeys): void {
    if (keys.sorted === undefined) return;
    keys.sorted = merged(keys.sorted, Uint32Array.from(keys.recent).sort());
    keys.recent = new Set();
  }
  function keepWithin(): void {
    const held = () => [...days.values()].reduce((total, { sorted }) => total + (sorted?.length ?? 0), 0);
    for (const day of [...days.keys()].sort((a, b) => a - b)) {
      if (held() <= maxKeys) return;
      days.delete(day);
      uncovered.add(day);
    }
  }

  return {
    mayHold(day, key) {
      const keys = days.get(day);
      if (keys?.sorted === undefined) return true;
      return keys.recent.has(key) || holds(keys.sorted, key);
    },
    covers: (day) => !uncovered.has(day),
    add(day, added) {
      if (uncovered.has(day)) return;
      const keys = keysOf(day);
      for (const key of added) keys.recent.add(key);
      if (keys.recent.size < MAX_RECENT_KEYS) return;
      merge(keys);
      keepWithin();
    },
    drop(day) {
      days.delete(day);
      uncovered.delete(day);
    },
    loaded(day, sorted) {
      if (uncovered.has(day)) return;
      const keys = keysOf(day);
      keys.sorted = keys.sorted === undefined ? sorted : merged(keys.sorted, sorted);
      keepWithin();
    },
  };
}

function holds(sorted: Uint32Array, key: number): boolean {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < key) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === key;
}

function merged(a: Uint32Array, b: Uint32Array): Uint32Array {
  const all = new Uint32Array(a.length + b.length);
  let [atA, atB] = [0, 0];
  for (let at = 0; at < all.length; at += 1) {
    const takeA = atB >= b.length || (atA < a.length && (a[atA] as number) <= (b[atB] as number));
    all[at] = (takeA ? a[atA++] : b[atB++]) as number;
  }
  return all;
}
