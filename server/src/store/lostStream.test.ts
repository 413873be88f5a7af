import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStreamFile } from '@aisix-observability/pipeline';
import { expect, it, onTestFinished } from 'vitest';
import { isStreamOfRequestsLost } from './lostStream.ts';

function directory({ store = true } = {}): string {
  const made = mkdtempSync(join(tmpdir(), 'lost-stream-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  if (store) mkdirSync(join(made, 'store'));
  return made;
}

it('is lost where a store stands without it, also when a kill left a file without the stream', async () => {
  const dir = directory();
  expect(isStreamOfRequestsLost(dir)).toBe(true);
  writeFileSync(join(dir, 'requests.db'), '');
  expect(isStreamOfRequestsLost(dir)).toBe(true);
  const file = openStreamFile(join(dir, 'requests.db'));
  expect(isStreamOfRequestsLost(dir)).toBe(true);
  const requests = file.stream('requests', { newAfter: 70 });
  expect(requests.stats()).toMatchObject({ rows: 0, lastSeq: 70 });
  expect(isStreamOfRequestsLost(dir)).toBe(false);
  expect(await requests.append([{ payload: '{}', at: 1 }])).toBe(71);
  expect(requests.stats()).toMatchObject({ rows: 1, firstSeq: 71, lastSeq: 71 });
  expect(requests.read(0, { rows: 9, bytes: 9 }).map(({ seq }) => seq)).toEqual([71]);
  await file.close();
  expect(isStreamOfRequestsLost(dir)).toBe(false);
});

it('is not lost where nothing was ever stored', () => {
  expect(isStreamOfRequestsLost(directory({ store: false }))).toBe(false);
});
