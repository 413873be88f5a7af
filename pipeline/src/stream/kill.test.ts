import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openStreamFile } from './openStreamFile.ts';
import type { Stream } from './stream.ts';
import { startChild } from './testing/childProcess.ts';
import { temporaryPath } from './testing/temporaryPath.ts';

const ROUNDS = 6;
/** The child is killed within so many milliseconds after its first acknowledgement. */
const KILL_WITHIN_MS = 120;

function allRows(stream: Stream): Map<number, string> {
  const rows = new Map<number, string>();
  for (let after = 0; ; ) {
    const page = stream.read(after, { rows: 500, bytes: 1e6 });
    if (page.length === 0) return rows;
    for (const { seq, payload } of page) rows.set(seq, payload);
    after = page.at(-1)?.seq as number;
  }
}

test('what was acknowledged before kill -9 is there exactly once, and transactions are whole', async () => {
  const path = temporaryPath();
  const acknowledged = new Map<number, string>();
  let copied = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const child = startChild('appender.ts', [path, String(round)]);
    await child.line(/^ack /);
    await sleep(Math.random() * KILL_WITHIN_MS);
    await child.kill();
    const before = acknowledged.size;
    for (const line of child.lines) {
      // The kill may have torn the last line; such a call counts as not acknowledged.
      const [, lastSeq, ...payloads] = line.endsWith(' .') ? line.slice(0, -2).split(' ') : [];
      for (const [index, payload] of payloads.entries()) {
        const seq = Number(lastSeq) - payloads.length + 1 + index;
        expect(acknowledged.has(seq)).toBe(false);
        acknowledged.set(seq, payload);
      }
    }
    expect(acknowledged.size).toBeGreaterThan(before);

    const file = openStreamFile(path);
    const events = file.stream('events');
    const rows = allRows(events);
    const { firstSeq, lastSeq, rows: count, bytes } = events.stats();
    expect(new Set(rows.values()).size).toBe(rows.size);
    expect(rows.size).toBe(count);
    expect(events.bytesAfter(0)).toBe(bytes);
    let checked = 0;
    for (const [seq, payload] of acknowledged) {
      expect(seq).toBeLessThanOrEqual(lastSeq);
      if (seq < firstSeq) continue;
      expect(rows.get(seq)).toBe(payload);
      checked += 1;
    }
    expect(checked).toBeGreaterThan(0);

    const copies = [...allRows(file.stream('copies')).values()];
    copied = file.cursors.get('copier') ?? 0;
    expect(copies).toEqual(Array.from({ length: copied }, (_, index) => `copy of ${index + 1}`));
    await file.close();
  }
  expect(copied).toBeGreaterThan(0);
});
