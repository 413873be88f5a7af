import { describe } from 'vitest';
import { describeApplying } from './applying.ts';
import { describeDurability } from './durability.ts';
import { describeEnvironments } from './environments.ts';
import { describeExamples } from './examples.ts';
import { describeExtremes } from './extremes.ts';
import { describeFilters } from './filters.ts';
import { describeHostile } from './hostile.ts';
import { describeInterrupts } from './interrupts.ts';
import { describePaging } from './paging.ts';
import { describeRefusals } from './refusals.ts';
import { describeRetention } from './retention.ts';
import type { Conformance, ConformanceOptions, OpenStore } from './rig.ts';
import { describeSeries } from './series.ts';
import { describeTail } from './tail.ts';
import { describeValues } from './values.ts';
import { describeVisibility } from './visibility.ts';
import { describeWindows } from './windows.ts';

/** Some minutes for a driver that answers within some milliseconds. */
const DEFAULT_RUNS = 60;

/** A property asks many hundred questions; on a busy machine that takes its time, and is no defect. */
const TIMEOUT_MILLIS = 180_000;

/**
 * The behaviour that every driver must have, as tests. What the questions mean is told by examples worked out by hand
 * and, for everything else, by the memory store.
 *
 * @param open makes a new, empty store each time; several may be open at once.
 */
export function describeStore(name: string, open: OpenStore, options: ConformanceOptions): void {
  const { rows = true } = options;
  const conformance: Conformance = { runs: DEFAULT_RUNS, ...options, open };
  describe(`${name} store`, { timeout: TIMEOUT_MILLIS }, () => {
    describeApplying(conformance);
    describeExtremes(conformance);
    describeExamples(conformance);
    if (rows) {
      describeFilters(conformance);
      describePaging(conformance);
      describeRefusals(conformance);
      describeTail(conformance);
      describeWindows(conformance);
      describeInterrupts(conformance);
    }
    describeSeries(conformance);
    describeValues(conformance);
    describeVisibility(conformance);
    describeEnvironments(conformance);
    describeHostile(conformance);
    describeDurability(conformance);
    describeRetention(conformance);
  });
}
