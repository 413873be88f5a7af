import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Observation } from '../model/observation.ts';

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
  /** All that there is of the id of an observation. */
  contents(observationId: string): { readonly id: Uint8Array; readonly seqs: readonly number[] };
}

export function observationIds(db: DatabaseSync): ObservationIds {
  const known = db.prepare('SELECT content FROM observation_ids WHERE id = ? ORDER BY nth');
  const insert = db.prepare('INSERT INTO observation_ids (id, nth, content, seq) VALUES (?, ?, ?, ?)');
  const seqs = db.prepare('SELECT seq FROM observation_ids WHERE id = ?');
  return {
    contents(observationId) {
      const id = hashOf(observationId);
      return { id, seqs: seqs.all(id).map(({ seq }) => Number(seq)) };
    },
    take(observation, seq) {
      const id = hashOf(observation.observationId);
      const hash = 'contentHash' in observation ? observation.contentHash : undefined;
      const content = hash === undefined ? new Uint8Array() : hashOf(hash);
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

function hashOf(text: string): Uint8Array {
  return createHash('sha256').update(text.toWellFormed()).digest().subarray(0, HASH_BYTES);
}
