import type { DatabaseSync } from 'node:sqlite';
import { databaseReadError, readDatabaseFile } from '@aisix-observability/pipeline';
import { CHAIN_START, type ChainHead, chainHash, lastTombstone } from './chain.ts';
import { LEDGER_FORMAT } from './format.ts';
import { type DerivedFault, findDerivedFault } from './verifyDerived.ts';

/** What is wrong with the first bad row. */
export type ChainFault =
  /** Its content or its hash is not what the rows before it lead to: edited, inserted or moved. */
  | 'row_altered'
  /** It is not there, though later ones are. */
  | 'row_missing'
  /** It is not there, though a head beyond it was published. */
  | 'cut_off'
  /** It verifies, but a head that was published of it had another hash: all up to here was written anew. */
  | 'rewritten'
  /** Rows before it are gone without a tombstone, or with one that does not fit. */
  | 'tombstone_missing';

export type VerifyResult =
  | { readonly ok: true; readonly rows: number; readonly dropped: number; readonly head: ChainHead | undefined }
  | { readonly ok: false; readonly seq: number; readonly fault: ChainFault }
  | ({ readonly ok: false } & DerivedFault);

/**
 * Checks the chain of a ledger beside its writer, or without one, and names the first bad row; then folds the rows anew
 * and compares everything that is shown, found or refused because of them. Against what was
 * rewritten as a whole, or cut off at the end, only heads help that were published elsewhere: the file knows of the
 * last one that it handed out, `published` are copies from outside.
 *
 * @throws StreamFileError when there is no ledger at `path`, or when SQLite cannot read it.
 */
export function verifyLedger(path: string, published: readonly ChainHead[] = []): VerifyResult {
  const db = readDatabaseFile(path, LEDGER_FORMAT);
  try {
    // One unchanging view, beside a writer that goes on.
    db.exec('PRAGMA temp.journal_mode = OFF; BEGIN');
    const result = verifyChain(db, published);
    if (!result.ok) return result;
    const fault = findDerivedFault(db);
    return fault === undefined ? result : { ok: false, ...fault };
  } catch (error) {
    throw databaseReadError(path, error);
  } finally {
    db.close();
  }
}

/** What is kept in `meta` of the head that was handed out last. */
export const PUBLISHED_HEAD = 'published_head';

function verifyChain(db: DatabaseSync, outside: readonly ChainHead[]): VerifyResult {
  const handedOut = db.prepare('SELECT value FROM meta WHERE key = ?').get(PUBLISHED_HEAD);
  const heads = [...outside, ...(handedOut === undefined ? [] : [JSON.parse(String(handedOut.value)) as ChainHead])];
  // Of one row there may be several: whoever rewrote the file rewrote the one that it keeps, too.
  const bySeq = Map.groupBy(heads, ({ seq }) => seq);
  const contradicted = (seq: number, hash: string): boolean =>
    bySeq.get(seq)?.some((head) => head.hash !== hash) ?? false;

  const tombstone = lastTombstone(db);
  let seq = tombstone?.to ?? 0;
  let hash: Uint8Array = tombstone === undefined ? CHAIN_START : Buffer.from(tombstone.lastHash, 'hex');
  let at = 0;
  let rows = 0;
  if (tombstone !== undefined && contradicted(seq, tombstone.lastHash)) return { ok: false, seq, fault: 'rewritten' };
  for (const row of db.prepare('SELECT seq, at, type, hash, body FROM rows ORDER BY seq').iterate()) {
    const found = Number(row.seq);
    if (found <= seq) return { ok: false, seq: found, fault: 'row_altered' };
    if (found > seq + 1) return { ok: false, seq: seq + 1, fault: seq === 0 ? 'tombstone_missing' : 'row_missing' };
    seq = found;
    at = Number(row.at);
    const expected = chainHash(hash, { seq, at, type: String(row.type), body: String(row.body) });
    if (!expected.equals(row.hash as Uint8Array)) return { ok: false, seq, fault: 'row_altered' };
    if (contradicted(seq, expected.toString('hex'))) return { ok: false, seq, fault: 'rewritten' };
    hash = expected;
    rows += 1;
  }
  if (heads.some((head) => head.seq > seq)) return { ok: false, seq: seq + 1, fault: 'cut_off' };
  const head = seq === 0 ? undefined : { seq, hash: Buffer.from(hash).toString('hex'), at };
  return { ok: true, rows, dropped: tombstone?.rows ?? 0, head };
}
