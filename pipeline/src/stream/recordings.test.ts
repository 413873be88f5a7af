import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openStreamFile } from './openStreamFile.ts';
import type { StreamRecord } from './stream.ts';
import { temporaryPath } from './testing/temporaryPath.ts';

const SUITE = new URL('../../../test/fixtures/aisix/suite/', import.meta.url);

test('everything that a real gateway sent comes back byte for byte, after a restart too', async () => {
  const names = readdirSync(SUITE).filter((name) => name.endsWith('.ndjson.gz'));
  const payloads = names.flatMap((name) =>
    gunzipSync(readFileSync(new URL(name, SUITE)))
      .toString()
      .trimEnd()
      .split('\n'),
  );
  expect(payloads.length).toBeGreaterThan(500);
  const path = temporaryPath();
  const file = openStreamFile(path);
  const stream = file.stream('deliveries');
  await Promise.all(
    payloads.map((payload, at) => stream.append([{ payload, at, memo: payload } satisfies StreamRecord])),
  );
  await file.close();

  const again = openStreamFile(path);
  const bytes = payloads.reduce((sum, payload) => sum + 2 * Buffer.byteLength(payload), 0);
  expect(again.stream('deliveries').stats()).toMatchObject({ rows: payloads.length, bytes });
  const rows = again.stream('deliveries').read(0, { rows: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY });
  expect(rows.map(({ payload }) => payload)).toEqual(payloads);
  await again.close();
});
