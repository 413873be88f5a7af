import { describeStore } from '../conformance/describeStore.ts';
import { hash, opening } from './testing/openings.ts';

// The other half, answers from rollups, stands in a file of its own so that both run side by side.
describeStore('duckdb', opening(), { hash, runs: 10 });
