import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { StreamUnavailableError } from '@aisix-observability/pipeline';
import { expect, test } from 'vitest';
import { openLedger } from './ledger.ts';
import { audited } from './testing/observations.ts';
import { temporaryPath } from './testing/temporaryPath.ts';
import { verifyLedger } from './verify.ts';

const MIB = 2 ** 20;

test('a disk that is full refuses whole calls, keeps what is there, and takes again when there is room', async () => {
  const path = temporaryPath();
  const ledger = openLedger(path, { maxFileBytes: 2 * MIB });
  const paths = [{ path: '/notes', after: 'x'.repeat(50_000), secret: false }];
  let stored = 0;
  let refusal: unknown;
  for (let index = 0; refusal === undefined && index < 200; index += 1) {
    await ledger.observe([audited(index, { observationId: `o-${index}`, paths })]).then(
      () => {
        stored += 1;
      },
      (error) => {
        refusal = error;
      },
    );
  }
  expect(refusal).toBeInstanceOf(StreamUnavailableError);
  expect(stored).toBeGreaterThan(3);
  expect(ledger.head()?.seq).toBe(stored);
  expect(verifyLedger(path)).toMatchObject({ ok: true, rows: stored });
  // The same again is not taken for known.
  const again = audited(stored, { observationId: `o-${stored}` });
  expect(await ledger.observe([again])).toMatchObject({ stored: 1 });
  expect(ledger.head()?.seq).toBe(stored + 1);
  await ledger.close();
});

test('room is left on the disk', async () => {
  const space = { availableBytes: 0, totalBytes: 1e12 };
  const ledger = openLedger(temporaryPath(), { diskSpace: () => space });
  await expect(ledger.observe([audited(0)])).rejects.toBeInstanceOf(StreamUnavailableError);
  expect(ledger.head()).toBeUndefined();
  space.availableBytes = 1e12;
  expect(await ledger.observe([audited(0)])).toMatchObject({ stored: 1 });
  await ledger.close();
});

test('a torn write-ahead log loses at most what its tail held, and the chain holds', async () => {
  const path = temporaryPath();
  const ledger = openLedger(path);
  for (let index = 0; index < 20; index += 1) await ledger.observe([audited(index)]);
  const [file, wal] = [readFileSync(path), readFileSync(`${path}-wal`)];
  await ledger.close();
  // As after a power failure on a disk that lied: the end of the log never got there.
  const torn = temporaryPath();
  writeFileSync(torn, file);
  writeFileSync(`${torn}-wal`, wal);
  truncateSync(`${torn}-wal`, wal.length - 3000);
  const again = openLedger(torn);
  const rows = again.head()?.seq ?? 0;
  expect(rows).toBeGreaterThan(0);
  expect(rows).toBeLessThan(20);
  expect(verifyLedger(torn)).toMatchObject({ ok: true, rows });
  expect(await again.observe([audited(30)])).toMatchObject({ stored: 1 });
  await again.close();
});

test('one caller whose observation cannot be stored does not harm the others', async () => {
  const ledger = openLedger(temporaryPath());
  const bad = audited(0, { occurredAt: Number.NaN });
  // One that has a form, but not the type that it claims.
  const wrong = audited(2, { occurredAt: null as unknown as number, environment: {} as unknown as string });
  const half = audited(3, { resource: { kind: 'model', id: 'm-1', name: 'half \ud800' } });
  const calls = [[bad], [audited(1)], [wrong], [half]].map((observations) => ledger.observe(observations));
  const results = await Promise.allSettled(calls);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
  expect(ledger.head()?.seq).toBe(2);
  expect(ledger.versionsAfter(0, 10).map((version) => 'change' in version && version.change.resource.name)).toEqual([
    'gpt',
    'half \ufffd',
  ]);
  await ledger.close();
});

test('a second writer and a file of another program are refused', async () => {
  const path = temporaryPath();
  const ledger = openLedger(path);
  expect(() => openLedger(path)).toThrow(expect.objectContaining({ code: 'stream_file_locked' }));
  await ledger.close();
  const foreign = temporaryPath();
  writeFileSync(foreign, 'not a database, but long enough to be looked at as one'.repeat(40));
  expect(() => openLedger(foreign)).toThrow(expect.objectContaining({ code: 'stream_file_foreign' }));
  expect(() => verifyLedger(temporaryPath())).toThrow(expect.objectContaining({ code: 'stream_file_missing' }));
});
