export { type DuckDbStore, type DuckDbStoreOptions, openDuckDbStore } from './openDuckDbStore.ts';
