/** For tests of whoever builds on the model and the store. */
export { exampleChange, NOON } from './model/testing/exampleChange.ts';
export { exampleRequest } from './store/conformance/exampleRequest.ts';
export type { MemoryContents } from './store/memory/contents.ts';
export { emptyContents } from './store/memory/contents.ts';
export type { MemoryStoreOptions } from './store/memory/memoryStore.ts';
export { createMemoryStore } from './store/memory/memoryStore.ts';
export type { HashText } from './store/memory/seen.ts';
