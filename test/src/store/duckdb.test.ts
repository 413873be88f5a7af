import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenedStore } from '@aisix-observability/evidence/conformance';
import { openDuckDbStore } from '@aisix-observability/evidence/duckdb';
import { describeQuestions } from './describeQuestions.ts';
import { describeRecordings } from './describeRecordings.ts';

/** Until it is opened again everything is answered from rows, and from rollups afterwards. */
async function open(): Promise<OpenedStore> {
  const options = {
    directory: mkdtempSync(join(tmpdir(), 'recorded-store-')),
    hash: (text: string) => `hash of ${text.length}`,
  };
  let store = await openDuckDbStore(options);
  return {
    store,
    reopen: async () => {
      await store.settle();
      await store.close();
      store = await openDuckDbStore(options);
      return store;
    },
    close: async () => {
      await store.close();
      rmSync(options.directory, { recursive: true });
    },
  };
}

describeRecordings('DuckDB', open);
describeQuestions('DuckDB', open);
