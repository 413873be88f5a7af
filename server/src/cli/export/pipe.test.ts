import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { openDuckDbStore } from '@aisix-observability/evidence/duckdb';
import { expect, it } from 'vitest';
import { STORE_FOLDER } from '../../store/places.ts';

const MAIN = fileURLToPath(new URL('../../main.ts', import.meta.url));
const PROD = '0b6f6a52-6e0b-4b0e-9a55-0a4e2f0f2a11';
/** 100 KB of lines: a pipe holds 64 KiB of them, so that the rest waits in the process while nobody reads. */
const REQUESTS = 100;
/** Reads only once it may. */
const SLOW_READER = '"$0" "$@" | { while [ ! -e go ]; do sleep 0.1; done; cat; }';

it('a reader that is slower than the export gets all of it', async () => {
  const root = mkdtempSync(join(tmpdir(), 'aisix-pipe-'));
  try {
    const dataDir = join(root, 'data');
    mkdirSync(dataDir);
    writeFileSync(join(root, 'c.yaml'), `data_dir: ./data\nenvironments: [ { id: ${PROD}, name: prod } ]\n`);
    const startTime = Date.now() - 60_000;
    const versions = Array.from({ length: REQUESTS }, (_, index) => ({
      seq: index + 1,
      json: JSON.stringify({
        requestId: `r-${index}`,
        environment: PROD,
        n: 0,
        state: 'final',
        timing: 'measured',
        startTime: startTime + index,
        endTime: startTime + index + 5,
        durationMs: 5,
        outcome: 'provider_error',
        errorMessage: 'x'.repeat(750),
        revision: 0,
        feeds: ['usage'],
        attempts: [],
      }),
    }));
    const store = await openDuckDbStore({ directory: join(dataDir, STORE_FOLDER), hash: (value) => value });
    await store.apply(versions, REQUESTS);
    await store.close();

    const command = [process.execPath, MAIN, 'export', '--config', 'c.yaml', '--from', '1h'];
    const child = spawn('sh', ['-c', SLOW_READER, ...command], { cwd: root });
    const out = text(child.stdout);
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      said += piece;
    });
    await expect.poll(() => said, { timeout: 60_000 }).toContain(`Wrote ${REQUESTS} requests.`);
    writeFileSync(join(root, 'go'), '');
    const lines = (await out).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { requestId: string }).requestId)).toEqual(
      versions.map((_, index) => `r-${index}`),
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}, 120_000);
