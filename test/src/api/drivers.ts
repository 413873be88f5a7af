import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EvidenceStore } from '@aisix-observability/evidence';
import { openDuckDbStore } from '@aisix-observability/evidence/duckdb';
import { createMemoryStore } from '@aisix-observability/evidence/testing';

/** Long enough not to be met by chance, and without a key: what is hashed is for the tests of the store. */
export const hash = (text: string) => `hmac:${text.length.toString(16).padStart(12, '0')}`;

export interface OpenedDriver {
  readonly store: EvidenceStore;
  close(): Promise<void>;
}

/** The stores that the api is tried on, each opened empty. */
export const DRIVERS = {
  async memory(): Promise<OpenedDriver> {
    const store = createMemoryStore({ hash });
    return { store, close: () => store.close() };
  },
  async duckdb(): Promise<OpenedDriver> {
    const directory = mkdtempSync(join(tmpdir(), 'aisix-api-'));
    const store = await openDuckDbStore({ directory, hash });
    return {
      store,
      async close() {
        await store.close();
        rmSync(directory, { recursive: true });
      },
    };
  },
} as const;

export const DRIVER_NAMES = Object.keys(DRIVERS) as readonly (keyof typeof DRIVERS)[];
