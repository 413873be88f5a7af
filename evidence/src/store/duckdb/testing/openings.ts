import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenedStore } from '../../conformance/rig.ts';
import type { EvidenceStore } from '../../store.ts';
import { type DuckDbStore, openDuckDbStore } from '../openDuckDbStore.ts';

/** As an installation's own. */
export const hash = (text: string) => `hmac:${createHmac('sha256', 'a key').update(text).digest('hex').slice(0, 12)}`;

/** Opens new stores in directories of their own; `wrap` may change what their methods do. */
export const opening =
  (wrap: (store: DuckDbStore) => EvidenceStore = (store) => store) =>
  async (): Promise<OpenedStore> => {
    const directory = mkdtempSync(join(tmpdir(), 'duckdb-store-'));
    let store = await openDuckDbStore({ directory, hash });
    return {
      store: wrap(store),
      reopen: async () => {
        await store.close();
        store = await openDuckDbStore({ directory, hash });
        return wrap(store);
      },
      close: async () => {
        await store.close();
        rmSync(directory, { recursive: true });
      },
    };
  };
