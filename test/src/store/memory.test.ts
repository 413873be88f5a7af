import type { OpenedStore } from '@aisix-observability/evidence/conformance';
import { createMemoryStore, emptyContents } from '@aisix-observability/evidence/testing';
import { describeQuestions } from './describeQuestions.ts';
import { describeRecordings } from './describeRecordings.ts';

async function open(): Promise<OpenedStore> {
  const contents = emptyContents();
  const options = { hash: (text: string) => `hash of ${text.length}`, contents };
  let store = createMemoryStore(options);
  return {
    store,
    reopen: async () => {
      await store.close();
      store = createMemoryStore(options);
      return store;
    },
    close: () => store.close(),
  };
}

describeRecordings('memory', open);
describeQuestions('memory', open);
