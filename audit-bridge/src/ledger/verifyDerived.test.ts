import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Observation } from '../model/observation.ts';
import { openLedger } from './ledger.ts';
import { audited, reported, T } from './testing/observations.ts';
import { signedEvents, statusReports, watched } from './testing/story.ts';
import { temporaryPath } from './testing/temporaryPath.ts';
import { verifyLedger } from './verify.ts';

const DAY = 86_400_000;

let path: string;

/** Like somebody who has the file and knows SQL, and leaves the rows alone. */
function tamper(sql: string): void {
  const db = new DatabaseSync(path);
  expect(db.prepare(sql).run().changes).toBeGreaterThan(0);
  db.close();
}

const gap: Observation = {
  type: 'gap',
  observationId: 'gap',
  feed: { type: 'status', name: 'dp-1' },
  observedAt: T,
  environment: 'prod',
  dataPlane: 'dp-1',
  from: T,
  reason: 'unreachable',
};

beforeEach(async () => {
  path = temporaryPath();
  const ledger = openLedger(path);
  await ledger.observe([...watched('story'), ...statusReports('story')]);
  await ledger.observe([...signedEvents('story'), gap, reported(5)]);
  const [version] = ledger.versionsAfter(0, 1);
  await ledger.setVerdict(version?.id ?? '', { value: 'confirmed', by: 'bob', at: T });
  await ledger.close();
});

test('what follows from the rows is as it should be', () => {
  expect(verifyLedger(path)).toMatchObject({ ok: true });
});

describe('what was altered beside the rows is found', () => {
  test.each([
    ['changes', `UPDATE changes SET change = replace(change, '"update"', '"create"')`],
    ['changes', `UPDATE changes SET actor_name = 'carol' WHERE actor_name IS NOT NULL`],
    ['changes', `UPDATE changes SET after = '{}' WHERE id = (SELECT max(id) FROM changes)`],
    ['changes', `UPDATE changes SET verdict = NULL`],
    ['changes', `DELETE FROM changes WHERE id = (SELECT max(id) FROM changes)`],
    [
      'changes',
      `INSERT INTO changes SELECT 'new', 10000, unit, from_at, to_at, occurred_at, environment, kind, resource_key,
        resource_id, name, previous_name, action, actor_id, actor_name, actor_type, state, trust, source, result,
        data_plane, conflict, found_late, verdict, revision, change, before, after FROM changes LIMIT 1`,
    ],
    ['aliases', `INSERT INTO aliases VALUES ('a', 'b')`],
    ['aliases', 'DELETE FROM aliases'],
    ['in_force', 'UPDATE in_force SET at = at + 1'],
    ['present', 'DELETE FROM present'],
    ['gaps', 'UPDATE gaps SET to_at = from_at'],
    ['statuses', 'DELETE FROM statuses'],
    ['members', 'UPDATE members SET revision = 1 WHERE revision IS NULL'],
    ['observation_ids', `INSERT INTO observation_ids VALUES (x'00112233445566778899aabbccddeeff', 0, x'', 7)`],
    ['observation_ids', 'DELETE FROM observation_ids WHERE seq = 7'],
    ['observation_ids', `UPDATE observation_ids SET content = x'00' WHERE seq = 7`],
    ['observation_ids', 'UPDATE observation_ids SET nth = 1 WHERE seq = 7'],
    ['observation_ids', `INSERT INTO observation_ids VALUES (x'00112233445566778899aabbccddeeff', 0, x'', 100000)`],
    ['observation_ids', `INSERT INTO observation_ids VALUES (x'00112233445566778899aabbccddeeff', 0, x'', 0)`],
  ])('in %s: %s', (table, sql) => {
    tamper(sql);
    expect(verifyLedger(path)).toEqual({ ok: false, fault: 'not_from_rows', table, key: expect.any(String) });
  });

  test('in the ids of rows that retention dropped', async () => {
    let now = T;
    path = temporaryPath();
    const ledger = openLedger(path, { now: () => now });
    for (let day = 0; day < 4; day += 1) {
      now = T + day * DAY;
      await ledger.observe([audited(day * 86_400, { observationId: `day-${day}`, contentHash: 'a' })]);
      await ledger.observe([audited(day * 86_400, { observationId: `day-${day}`, contentHash: 'b' })]);
    }
    await ledger.dropBefore(T + DAY);
    await ledger.dropBefore(T + 3 * DAY);
    await ledger.close();
    expect(verifyLedger(path)).toMatchObject({ ok: true });
    tamper(`INSERT INTO observation_ids VALUES (x'00112233445566778899aabbccddeeff', 0, x'', 2)`);
    const found = { ok: false, fault: 'not_from_rows', table: 'observation_ids' };
    expect(verifyLedger(path)).toMatchObject(found);
    tamper(`DELETE FROM observation_ids WHERE id = x'00112233445566778899aabbccddeeff'`);
    expect(verifyLedger(path)).toMatchObject({ ok: true });
    tamper('DELETE FROM observation_ids WHERE seq = 1');
    expect(verifyLedger(path)).toMatchObject(found);
  });
});
