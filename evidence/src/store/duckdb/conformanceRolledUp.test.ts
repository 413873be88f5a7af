import { describeStore } from '../conformance/describeStore.ts';
import type { EvidenceStore } from '../store.ts';
import type { DuckDbStore } from './openDuckDbStore.ts';
import { hash, opening } from './testing/openings.ts';

/** What is asked right after it was written comes from rows, else from rollups: both must be right. */
const rolledUpAtOnce = (store: DuckDbStore): EvidenceStore => ({
  ...store,
  apply: async (versions, position) => {
    await store.apply(versions, position);
    await store.settle();
  },
});

describeStore('duckdb, rolled up', opening(rolledUpAtOnce), { hash, runs: 4, rows: false });
