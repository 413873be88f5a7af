import type { CatalogueEntry } from '../model/catalogue.ts';
import { graphOf, type ResourceGraph } from './resourceGraph.ts';

/** Entries of all graphs that are kept, some 300 bytes each: a burst of changes makes a graph of everything for each. */
const MOST_ENTRIES = 500_000;
/** What was before a change and what came after it are held against each other. */
const LEAST_GRAPHS = 2;

/** Graphs of what existed, the ones that were asked for last; a graph that is made again is the same. */
export function keptGraphs(most: number = MOST_ENTRIES): (entries: readonly CatalogueEntry[]) => ResourceGraph {
  const kept = new Map<readonly CatalogueEntry[], ResourceGraph>();
  let size = 0;
  return (entries) => {
    const graph = kept.get(entries) ?? graphOf(entries);
    if (kept.delete(entries)) size -= entries.length;
    kept.set(entries, graph);
    size += entries.length;
    for (const oldest of kept.keys()) {
      if (size <= most || kept.size <= LEAST_GRAPHS) break;
      kept.delete(oldest);
      size -= oldest.length;
    }
    return graph;
  };
}
