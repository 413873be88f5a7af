import type { DatabaseSync } from 'node:sqlite';
import type { ChangeVerdict, ConfigChange } from '@aisix-observability/evidence';
import { canonicalJson } from '../model/canonicalJson.ts';

export type ComputedVerdict = NonNullable<ChangeVerdict['computed']>;

/** What a timed look found of a change, on the id that the change had then. */
export interface ComputedRow {
  readonly changeId: string;
  readonly computed: ComputedVerdict;
  readonly at: number;
}

/** SQL: the value of the newest look at the row of `changes`, under any id that the change ever had. */
export const COMPUTED_VALUE = `(SELECT c.value FROM computed_verdicts c
  WHERE c.change_id = changes.id OR c.change_id IN (SELECT alias FROM aliases a WHERE a.id = changes.id)
  ORDER BY c.at DESC, c.seq DESC LIMIT 1)`;

/**
 * What looks found, beside the changes: a change gets no new version by it, so that neither its annotation nor its log
 * event is written again.
 */
export interface ComputedVerdicts {
  note(seq: number, row: ComputedRow): void;
  forget(upTo: number): void;
  /** The newest of a change, under any id that it ever had. */
  of(changeId: string): ComputedVerdict | undefined;
  /** The change with it. */
  with(change: ConfigChange): ConfigChange;
  /** Changes since a moment whose newest look says `value`, and of which no person has said anything, by environment. */
  openOf(value: string, since: number): ReadonlyMap<string | null, number>;
}

export function computedVerdicts(db: DatabaseSync): ComputedVerdicts {
  const add = db.prepare(`
    INSERT INTO computed_verdicts (change_id, at, seq, value, verdict) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (change_id) DO UPDATE SET at = ?2, seq = ?3, value = ?4, verdict = ?5 WHERE at <= ?2`);
  const forget = db.prepare('DELETE FROM computed_verdicts WHERE seq <= ?');
  const newest = db.prepare(`
    SELECT verdict FROM computed_verdicts
    WHERE change_id = ?1 OR change_id IN (SELECT alias FROM aliases WHERE id = ?1) ORDER BY at DESC, seq DESC LIMIT 1`);
  const open = db.prepare(`
    SELECT environment, count(*) AS changes FROM changes
    WHERE occurred_at >= ?2 AND verdict IS NULL AND ${COMPUTED_VALUE} = ?1 GROUP BY environment`);

  function of(changeId: string): ComputedVerdict | undefined {
    const row = newest.get(changeId);
    return row === undefined ? undefined : (JSON.parse(String(row.verdict)) as ComputedVerdict);
  }

  return {
    note(seq, { changeId, computed, at }) {
      add.run(changeId, at, seq, computed.value, canonicalJson(computed));
    },
    forget(upTo) {
      forget.run(upTo);
    },
    of,
    with(change) {
      const computed = of(change.id);
      return computed === undefined ? change : { ...change, verdict: { ...change.verdict, computed } };
    },
    openOf: (value, since) =>
      new Map(
        open
          .all(value, since)
          .map((row) => [row.environment === null ? null : String(row.environment), Number(row.changes)]),
      ),
  };
}
