/** The tests that every driver of `EvidenceStore` must pass; only to be loaded by vitest. */
export { describeStore } from './store/conformance/describeStore.ts';
export type { ConformanceOptions, OpenedStore, OpenStore } from './store/conformance/rig.ts';
