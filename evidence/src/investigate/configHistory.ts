import type { CatalogueEntry, ResourceVersion } from '../model/catalogue.ts';
import type { ConfigHistory } from './model.ts';

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
  const byResource = [...Map.groupBy(counted, ({ kind, id }) => `${kind}\n${id}`).values()];
  const known = new Map<number, readonly CatalogueEntry[]>();

  function entriesAt(time: number): readonly CatalogueEntry[] {
    return byResource.flatMap((list) => {
      const last = list.findLast(({ since }) => since <= time);
      if (last === undefined || last.value === null) return [];
      const { dataPlane: _, value, ...entry } = last;
      return [{ ...entry, value }];
    });
  }

  return {
    at(time) {
      if (times.length === 0) return [];
      // Between two times nothing changes, so that what was made for one serves for all in between.
      const key = times.findLast((one) => one <= time) ?? first;
      const made = known.get(key) ?? entriesAt(key);
      known.set(key, made);
      return made;
    },
  };
}
