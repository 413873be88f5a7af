import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, test } from 'vitest';
import { CHAIN_START, type ChainHead, chainHash } from './chain.ts';
import { openLedger } from './ledger.ts';
import { watched } from './testing/story.ts';
import { temporaryPath } from './testing/temporaryPath.ts';
import { verifyLedger } from './verify.ts';

let path: string;
let head: ChainHead;

/** Like somebody who has the file and knows SQL. */
function tamper(sql: string): void {
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
}

/** Like somebody who knows how the chain is made, too: all hashes from a row on are computed anew. */
function rechain(from: number): void {
  const db = new DatabaseSync(path);
  let hash: Uint8Array =
    (db.prepare('SELECT hash FROM rows WHERE seq = ?').get(from - 1)?.hash as Uint8Array) ?? CHAIN_START;
  for (const row of db.prepare('SELECT seq, at, type, body FROM rows WHERE seq >= ? ORDER BY seq').all(from)) {
    hash = chainHash(hash, row as unknown as Parameters<typeof chainHash>[1]);
    db.prepare('UPDATE rows SET hash = ? WHERE seq = ?').run(hash, row.seq as number);
  }
  db.close();
}

/** And like somebody who makes all that follows from the rows anew. */
async function rederive(): Promise<void> {
  tamper('DELETE FROM observation_ids WHERE seq > (SELECT max(seq) FROM rows)');
  const ledger = openLedger(path);
  ledger.rebuild();
  await ledger.close();
}

beforeEach(async () => {
  path = temporaryPath();
  const ledger = openLedger(path);
  await ledger.observe(watched('story'));
  head = ledger.head() as ChainHead;
  await ledger.close();
});

test('an untouched ledger verifies, beside its writer and against every published head', async () => {
  const ledger = openLedger(path);
  expect(verifyLedger(path, [head])).toEqual({ ok: true, rows: head.seq, dropped: 0, head });
  await ledger.close();
});

describe('the first bad row is named after', () => {
  test('an edit', () => {
    tamper(`UPDATE rows SET body = replace(body, '"update"', '"create"') WHERE seq = 20`);
    expect(verifyLedger(path)).toEqual({ ok: false, seq: 20, fault: 'row_altered' });
  });

  test('an edit of the time of arrival', () => {
    tamper('UPDATE rows SET at = at + 1 WHERE seq = 21');
    expect(verifyLedger(path)).toEqual({ ok: false, seq: 21, fault: 'row_altered' });
  });

  test('a deletion', () => {
    tamper('DELETE FROM rows WHERE seq = 5');
    expect(verifyLedger(path)).toEqual({ ok: false, seq: 5, fault: 'row_missing' });
  });

  test('a deletion at the beginning', () => {
    tamper('DELETE FROM rows WHERE seq <= 2');
    expect(verifyLedger(path)).toEqual({ ok: false, seq: 1, fault: 'tombstone_missing' });
  });

  test('an insertion', () => {
    tamper(`
      UPDATE rows SET seq = -seq - 1 WHERE seq >= 9;
      UPDATE rows SET seq = -seq WHERE seq < 0;
      INSERT INTO rows SELECT 9, at, type, hash, body FROM rows WHERE seq = 8`);
    expect(verifyLedger(path)).toEqual({ ok: false, seq: 9, fault: 'row_altered' });
  });

  test('a swap', () => {
    tamper(
      'UPDATE rows SET seq = -3 WHERE seq = 3; UPDATE rows SET seq = 3 WHERE seq = 4; UPDATE rows SET seq = 4 WHERE seq = -3',
    );
    expect(verifyLedger(path)).toEqual({ ok: false, seq: 3, fault: 'row_altered' });
  });

  test('a cut at the end, where a head beyond it was published', async () => {
    tamper(`DELETE FROM rows WHERE seq > ${head.seq - 2}`);
    await rederive();
    expect(verifyLedger(path)).toMatchObject({ ok: true });
    expect(verifyLedger(path, [head])).toEqual({ ok: false, seq: head.seq - 1, fault: 'cut_off' });
  });

  test('a cut at the end, which the file itself knows of', async () => {
    const ledger = openLedger(path);
    ledger.notePublished(head);
    await ledger.close();
    tamper(`DELETE FROM rows WHERE seq = ${head.seq}`);
    expect(verifyLedger(path)).toEqual({ ok: false, seq: head.seq, fault: 'cut_off' });
  });

  test('an edit with a chain made anew, where a head was published', async () => {
    tamper(`UPDATE rows SET body = replace(body, '"update"', '"create"') WHERE seq = 20`);
    rechain(20);
    await rederive();
    expect(verifyLedger(path)).toMatchObject({ ok: true });
    expect(verifyLedger(path, [head])).toEqual({ ok: false, seq: head.seq, fault: 'rewritten' });
  });

  test('an edit with a chain and a head made anew in the file, where a head was published', async () => {
    const ledger = openLedger(path);
    ledger.notePublished(head);
    await ledger.close();
    tamper(`UPDATE rows SET body = replace(body, '"update"', '"create"') WHERE seq = 20`);
    rechain(20);
    expect(verifyLedger(path)).toEqual({ ok: false, seq: head.seq, fault: 'rewritten' });
    tamper(`
      UPDATE meta SET value = json_set(value, '$.hash', (SELECT lower(hex(hash)) FROM rows WHERE seq = ${head.seq}))
      WHERE key = 'published_head'`);
    await rederive();
    expect(verifyLedger(path)).toMatchObject({ ok: true });
    for (const heads of [
      [head],
      [head, { ...head, hash: 'a'.repeat(64) }],
      [{ ...head, hash: 'a'.repeat(64) }, head],
    ]) {
      expect(verifyLedger(path, heads)).toEqual({ ok: false, seq: head.seq, fault: 'rewritten' });
    }
  });
});
