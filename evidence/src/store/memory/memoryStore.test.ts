import { createHmac } from 'node:crypto';
import { describeStore } from '../conformance/describeStore.ts';
import type { OpenedStore } from '../conformance/rig.ts';
import { emptyContents } from './contents.ts';
import { createMemoryStore } from './memoryStore.ts';

const hash = (text: string) => `hmac:${createHmac('sha256', 'a key').update(text).digest('hex').slice(0, 12)}`;

async function open(): Promise<OpenedStore> {
  const contents = emptyContents();
  let store = createMemoryStore({ hash, contents });
  return {
    store,
    reopen: async () => {
      await store.close();
      store = createMemoryStore({ hash, contents });
      return store;
    },
    close: () => store.close(),
  };
}

// The oracle held against itself learns from the examples only; few runs show that the rest of the suite works.
describeStore('memory', open, { hash, runs: 10 });
