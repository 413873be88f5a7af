import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { silentLog } from '@aisix-observability/pipeline';
import { expect, it } from 'vitest';
import { startEngine } from './engine.ts';
import { configFrom } from './index.ts';

import { createFakePath } from './testing/fakePath.ts';

it('a store that cannot be opened is an error of the start, also while the path is still starting', async () => {
  const root = mkdtempSync(join(tmpdir(), 'aisix-engine-'));
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', note);
  try {
    const path = createFakePath();
    const { config } = configFrom({
      data_dir: join(root, 'data'),
      redaction: { key: 'redaction-key-of-tests' },
      environments: [{ id: '0b6f6a52-6e0b-4b0e-9a55-0a4e2f0f2a11', name: 'prod' }],
    });
    const started = startEngine(config, {
      log: silentLog,
      now: Date.now,
      startRequestStore: () => Promise.reject(new Error('the store is damaged')),
      async startTelemetryPath(options) {
        // Some turns, as loading the code of the thread takes.
        for (let turns = 0; turns < 5; turns += 1) await turn();
        return path.start(options);
      },
    });
    await expect(started).rejects.toThrow('the store is damaged');
    expect(unhandled).toEqual([]);
  } finally {
    process.off('unhandledRejection', note);
    rmSync(root, { recursive: true, force: true });
  }
});
