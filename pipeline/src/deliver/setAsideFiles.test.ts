import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SetAsideEntry } from './setAside.ts';
import { createSetAsideFiles } from './setAsideFiles.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'set-aside-'));
});
afterEach(() => rm(directory, { recursive: true }));

function entry(seq: number, payload = `row ${seq}`): SetAsideEntry {
  return { destination: 'tempo', seq, at: 5, reason: 'refused', status: 400, message: 'no', payload };
}

async function rows(file: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(directory, 'kept', file), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

function kept(maxBytes?: number) {
  const counted: Record<string, number> = {};
  const setAside = createSetAsideFiles({
    directory: join(directory, 'kept'),
    ...(maxBytes === undefined ? {} : { maxBytes }),
    clock: { now: () => 77, after: () => () => {}, breathe: async () => {} },
    recorder: {
      count(name, value) {
        counted[name] = (counted[name] ?? 0) + value;
      },
      gauge() {},
      observe() {},
    },
  });
  return { setAside, counted };
}

describe('set-aside files', () => {
  it('keep rows in order, one JSON per line, readable by the owner alone', async () => {
    const { setAside } = kept();
    await Promise.all([1, 2, 3].map((seq) => setAside.keep(entry(seq, `line\nbreak "${seq}"`))));
    expect(await rows('tempo.ndjson')).toEqual(
      [1, 2, 3].map((seq) => ({
        set_aside_at: 77,
        seq,
        at: 5,
        reason: 'refused',
        status: 400,
        message: 'no',
        payload: `line\nbreak "${seq}"`,
      })),
    );
    expect((await stat(join(directory, 'kept'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(directory, 'kept', 'tempo.ndjson'))).mode & 0o777).toBe(0o600);
  });

  it('stay within their bytes, drop the oldest and count them', async () => {
    const { setAside, counted } = kept(16 * 1024);
    for (let seq = 1; seq <= 100; seq += 1) await setAside.keep(entry(seq, 'x'.repeat(900)));
    const present = [...(await rows('tempo.ndjson.old')), ...(await rows('tempo.ndjson'))].map(({ seq }) => seq);
    expect(present).toEqual(Array.from({ length: present.length }, (_, index) => 101 - present.length + index));
    expect(counted.aisix_set_aside_dropped).toBe(100 - present.length);
    const sizes = await Promise.all(
      ['tempo.ndjson.old', 'tempo.ndjson'].map((file) => stat(join(directory, 'kept', file))),
    );
    expect(sizes.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(16 * 1024);
    // The size is known again after a restart.
    const again = kept(16 * 1024);
    for (let seq = 101; seq <= 110; seq += 1) await again.setAside.keep(entry(seq, 'x'.repeat(900)));
    expect(again.counted.aisix_set_aside_dropped).toBeGreaterThan(0);
  });

  it('keep of a row larger than their room only what is known of it', async () => {
    const { setAside } = kept(16 * 1024);
    await setAside.keep(entry(1, 'é'.repeat(8_000)));
    expect(await rows('tempo.ndjson')).toEqual([
      { set_aside_at: 77, seq: 1, at: 5, reason: 'refused', status: 400, message: 'no', payload_bytes: 16_000 },
    ]);
  });

  it('end a torn line of the last run before they go on', async () => {
    await kept().setAside.keep(entry(1));
    await appendFile(join(directory, 'kept', 'tempo.ndjson'), '{"seq":2,"pay');
    await kept().setAside.keep(entry(3));
    const lines = (await readFile(join(directory, 'kept', 'tempo.ndjson'), 'utf8')).split('\n');
    expect(lines[1]).toBe('{"seq":2,"pay');
    expect(JSON.parse(lines[2] ?? '')).toMatchObject({ seq: 3 });
  });

  it('count what they could not write, and go on', async () => {
    await writeFile(join(directory, 'kept'), 'in the way');
    const { setAside, counted } = kept();
    await Promise.all([setAside.keep(entry(1)), setAside.keep(entry(2))]);
    expect(counted.aisix_set_aside_unwritten).toBe(2);
    await rm(join(directory, 'kept'));
    await setAside.keep(entry(3));
    expect(await rows('tempo.ndjson')).toMatchObject([{ seq: 3 }]);
  });

  it('refuse a destination whose name is a path', () => {
    expect(() => kept().setAside.keep({ ...entry(1), destination: '../x' })).toThrow('name');
  });
});
