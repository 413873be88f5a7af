import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refusedRecord } from '@aisix-observability/collector-exporter';
import { silentLog } from '@aisix-observability/pipeline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRefusedJournal } from './refusedJournal.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'aisix-refused-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const at = Date.parse('2026-11-23T06:30:00Z');
const record = (text = '{"secret":"sk-good-A"}') =>
  refusedRecord({ input: 'telemetry', at, code: 'invalid_json', bytes: Buffer.from(text) });

describe('notes of what was refused', () => {
  it('are lines of a file a day, without what was refused, for the owner only', () => {
    const keep = createRefusedJournal(root, silentLog);
    keep(record());
    keep(record());
    const file = join(root, 'refused', '2026-11-23.ndjson');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ input: 'telemetry', code: 'invalid_json', bytes: 22 });
    expect(lines[0]).not.toContain('sk-good-A');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('are kept for seven days; other files are left alone', () => {
    mkdirSync(join(root, 'refused'));
    for (const name of ['2026-11-15.ndjson', '2026-11-16.ndjson', 'mine.txt'])
      writeFileSync(join(root, 'refused', name), '');
    createRefusedJournal(root, silentLog)(record());
    expect(readdirSync(join(root, 'refused')).toSorted()).toEqual([
      '2026-11-16.ndjson',
      '2026-11-23.ndjson',
      'mine.txt',
    ]);
  });

  it('stop growing at the limit of a day', () => {
    mkdirSync(join(root, 'refused'));
    const file = join(root, 'refused', '2026-11-23.ndjson');
    writeFileSync(file, 'x'.repeat(4 * 1024 * 1024));
    createRefusedJournal(root, silentLog)(record());
    expect(statSync(file).size).toBe(4 * 1024 * 1024);
  });

  it('never fail their caller, and complain once', () => {
    writeFileSync(join(root, 'refused'), 'a file where the folder should be');
    const complaints: string[] = [];
    const keep = createRefusedJournal(root, (_level, message) => complaints.push(message));
    keep(record());
    keep(record());
    expect(complaints).toHaveLength(1);
  });
});
