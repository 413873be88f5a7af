import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asArchive } from './asArchive.ts';
import { loadEvents } from './load.ts';
import { shiftEvent } from './shiftTimes.ts';

describe('asArchive', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'archive-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('lays events out by day and hour, in objects of at most 100 records, and loses none', async () => {
    const events = loadEvents('suite').slice(0, 400);
    // The same events an hour later, in the next partition.
    const all = [...events, ...events.map((event) => shiftEvent(event, 3_600_000))];
    const paths = await asArchive(all, dir);
    expect(paths.length).toBeGreaterThan(8);
    expect(await readdir(dir)).toEqual(['dt=2026-11-23']);
    expect(await readdir(join(dir, 'dt=2026-11-23'))).toEqual(['hh=06', 'hh=07']);
    const read: unknown[] = [];
    for (const path of paths) {
      expect(path).toMatch(/^dt=2026-11-23\/hh=0[67]\/[0-9a-f]{32}\.ndjson\.gz$/);
      const lines = gunzipSync(await readFile(join(dir, path)))
        .toString('utf8')
        .trimEnd()
        .split('\n');
      expect(lines.length).toBeLessThanOrEqual(100);
      read.push(...lines.map((line) => JSON.parse(line)));
    }
    expect(read).toEqual(all.map((event) => ({ schema_version: '1.0', ...event })));
  });

  it('writes plain NDJSON and larger objects on request', async () => {
    const sameSecond = loadEvents('suite')
      .slice(0, 250)
      .map((event) => ({ ...event, occurred_at: '2026-11-23T06:00:00Z' }));
    const paths = await asArchive(sameSecond, dir, { compression: 'none', recordsPerObject: 200 });
    expect(paths).toHaveLength(2);
    expect(paths[0]).toMatch(/\.ndjson$/);
    expect((await readFile(join(dir, paths[0] ?? ''), 'utf8')).trimEnd().split('\n')).toHaveLength(200);
  });
});
