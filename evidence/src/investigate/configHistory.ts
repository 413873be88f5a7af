import type { CatalogueEntry, ResourceVersion } from '../model/catalogue.ts';
import type { ConfigHistory } from './model.ts';

/** Of all lists that are kept: a burst of changes makes a list of everything for each. */
const MOST_ENTRIES = 4_000_000;
/** What was before a change and what came after it are held against each other. */
const LEAST_KEPT = 4;

/**
 * What existed when, out of the versions of every resource: as the data plane that told last serves it, and as wanted for
 * kinds that no data plane serves or where none tells. Before the first look, what was there at the first look is taken
 * to have been there.
 */
export function configHistory(versions: readonly ResourceVersion[]): ConfigHistory {
  const servedKinds = new Set(versions.flatMap(({ dataPlane, kind }) => (dataPlane === null ? [] : [kind])));
  const counted = versions
    .filter(({ dataPlane, kind }) => servedKinds.has(kind) === (dataPlane !== null))
    .toSorted((a, b) => a.since - b.since);
  const times = [...new Set(counted.map(({ since }) => since))];
  const [first = 0] = times;
  const byResource = [...Map.groupBy(counted, ({ kind, id }) => `${kind}\n${id}`).values()].map((list) =>
    list.map(({ dataPlane: _, value, since, ...entry }) => ({
      since,
      entry: value === null ? undefined : { ...entry, since, value },
    })),
  );
  const most = Math.max(LEAST_KEPT, Math.floor(MOST_ENTRIES / Math.max(1, byResource.length)));
  const known = new Map<number, readonly CatalogueEntry[]>();

  function entriesAt(time: number): readonly CatalogueEntry[] {
    return byResource.flatMap((list) => list.findLast(({ since }) => since <= time)?.entry ?? []);
  }

  return {
    at(time) {
      if (times.length === 0) return [];
      // Between two times nothing changes, so that what was made for one serves for all in between.
      const key = times.findLast((one) => one <= time) ?? first;
      const made = known.get(key) ?? entriesAt(key);
      known.delete(key);
      known.set(key, made);
      const [oldest = key] = known.keys();
      if (known.size > most) known.delete(oldest);
      return made;
    },
  };
}
