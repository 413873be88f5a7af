import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Observation } from '../model/observation.ts';
import type { LedgerRow } from './rowLog.ts';

/**
 * Contents kept of one id. Each is signed by a sender who contradicts itself; beyond that many it is said already, and
 * the next ones are only counted.
 */
export const MAX_CONFLICTS_PER_ID = 16;

/** 128 bits: no two ids ever share them by chance. */
const HASH_BYTES = 16;

export type Taken = 'new' | 'repeated' | 'conflict' | 'conflict_repeated' | 'conflict_beyond_limit';

/** What was taken in before, for ever: also of rows that retention dropped. */
export interface ObservationIds {
  /** Whether an observation is new, and notes it under the number that its row gets. Inside a transaction of the caller. */
  take(observation: Observation, seq: number): Taken;
  /** Notes the row of an observation that has none yet. */
  number(observation: Observation, seq: number): void;
  /** All that there is of the id of an observation. */
  contents(observationId: string): { readonly id: Uint8Array; readonly seqs: readonly number[] };
}

export function observationIds(db: DatabaseSync): ObservationIds {
  const known = db.prepare('SELECT content FROM observation_ids WHERE id = ? ORDER BY nth');
  const insert = db.prepare('INSERT INTO observation_ids (id, nth, content, seq) VALUES (?, ?, ?, ?)');
  const seqs = db.prepare('SELECT seq FROM observation_ids WHERE id = ?');
  const number = db.prepare('UPDATE observation_ids SET seq = ? WHERE id = ? AND content = ? AND seq = 0');
  return {
    number(observation, seq) {
      const { id, content } = identityOf(observation);
      number.run(seq, id, content);
    },
    contents(observationId) {
      const id = hashOf(observationId);
      return { id, seqs: seqs.all(id).map(({ seq }) => Number(seq)) };
    },
    take(observation, seq) {
      const { id, content } = identityOf(observation);
      const contents = known.all(id).map((row) => row.content as Uint8Array);
      const [first, ...others] = contents;
      if (first === undefined) {
        insert.run(id, 0, content, seq);
        return 'new';
      }
      // Without a hash on both sides nothing contradicts anything.
      if (content.length === 0 || first.length === 0 || Buffer.compare(first, content) === 0) return 'repeated';
      if (others.some((other) => Buffer.compare(other, content) === 0)) return 'conflict_repeated';
      if (contents.length > MAX_CONFLICTS_PER_ID) return 'conflict_beyond_limit';
      insert.run(id, contents.length, content, seq);
      return 'conflict';
    },
  };
}

/** What is kept of an observation; `content` is empty where it has no hash. */
export function identityOf(observation: Observation): { readonly id: Uint8Array; readonly content: Uint8Array } {
  const hash = 'contentHash' in observation ? observation.contentHash : undefined;
  return { id: hashOf(observation.observationId), content: hash === undefined ? new Uint8Array() : hashOf(hash) };
}

/**
 * The observation that a row took in, under an id that never comes again. Verdicts and tombstones are none, and what
 * retention writes down is the ledger's own.
 */
export function takenIn({ type, body }: Pick<LedgerRow, 'type' | 'body'>): Observation | undefined {
  if (type === 'verdict' || type === 'tombstone') return undefined;
  const observation = JSON.parse(body) as Observation;
  return observation.feed.type === 'ledger' ? undefined : observation;
}

/** Of no ids yet. */
export const IDS_START = '0'.repeat(64);

/** One more id of a row that is dropped, in the order of rows: after that only this hash tells what was taken in. */
export function idsHash(before: string, { id, content, seq }: DroppedId): string {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  return createHash('sha256')
    .update(`${before} ${seq} ${hex(id)} ${hex(content)}`)
    .digest('hex');
}

/**
 * The same over all ids of rows up to one, as the table has them. Those of rows that version 1 dropped have no number of
 * a row, and come first.
 */
export function idsHashUpTo(db: DatabaseSync, upTo: number): string {
  const ids = db.prepare('SELECT id, content, seq FROM main.observation_ids WHERE seq <= ? ORDER BY seq, id, nth');
  let hash = IDS_START;
  for (const { id, content, seq } of ids.iterate(upTo)) {
    hash = idsHash(hash, { id: id as Uint8Array, content: content as Uint8Array, seq: Number(seq) });
  }
  return hash;
}

export interface DroppedId {
  readonly id: Uint8Array;
  readonly content: Uint8Array;
  readonly seq: number;
}

function hashOf(text: string): Uint8Array {
  return createHash('sha256').update(text.toWellFormed()).digest().subarray(0, HASH_BYTES);
}
