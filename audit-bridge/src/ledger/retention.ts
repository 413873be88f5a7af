import type { DatabaseFile } from '@aisix-observability/pipeline';
import { canonicalJson, valueHash } from '../model/canonicalJson.ts';
import type { PresentObservation } from '../model/observation.ts';
import type { CatalogueReader, HeldResource } from './catalogue.ts';
import { lastTombstone, type Tombstone } from './chain.ts';
import type { Derivation } from './derive.ts';
import { IDS_START, identityOf, idsHash, idsHashUpTo, takenIn } from './observationIds.ts';
import type { LedgerRow, RowLog } from './rowLog.ts';

/** Rows dropped in one transaction: keeps the event loop free within some hundred milliseconds. */
export const DROP_STEP_ROWS = 2000;

/** Words about changes that are gone, kept for readers that are behind. */
export const MAX_REPLACED = 100_000;

export interface Dropped {
  readonly rows: number;
  /** True when there is more to drop: call again. */
  readonly more: boolean;
}

/** Drops old rows. */
export interface Retention {
  /**
   * Drops a step of the oldest rows that were taken in before a moment (epoch milliseconds), and leaves a tombstone
   * that the chain goes on from. What existed at that moment is written down anew first, so that a resource older than
   * the retention does not vanish from the catalogue. Inside a transaction of the caller.
   */
  dropStep(before: number, now: number): Dropped;
}

export function retention(
  { db }: DatabaseFile,
  rows: RowLog,
  derived: Derivation,
  catalogue: CatalogueReader,
): Retention {
  const keepFrom = db.prepare('SELECT min(seq) AS seq FROM rows WHERE at >= ?');
  const ends = db.prepare('SELECT min(seq) AS first, max(seq) AS last FROM rows');
  const hashOf = db.prepare('SELECT hash FROM rows WHERE seq = ?');
  const dropped = db.prepare('SELECT seq, type, body FROM rows WHERE seq <= ? ORDER BY seq');
  const drop = db.prepare('DELETE FROM rows WHERE seq <= ?');
  const dropReplaced = db.prepare(`
    DELETE FROM replaced WHERE version <= (SELECT version FROM replaced ORDER BY version DESC LIMIT 1 OFFSET ${MAX_REPLACED})`);

  function heldAt(time: number): Map<string, HeldResource & { readonly environment: string }> {
    const held = catalogue
      .environments()
      .flatMap((environment) => catalogue.held(environment, time).map((resource) => ({ ...resource, environment })));
    return new Map(held.map((one) => [canonicalJson([one.environment, one.dataPlane, one.kind, one.key]), one]));
  }

  /** Goes on from the tombstone before; where that is of version 1, from what the table says. */
  function idsUpTo(seq: number): string {
    const before = lastTombstone(db);
    let hash = before === undefined ? IDS_START : (before.idsHash ?? idsHashUpTo(db, before.to));
    for (const row of dropped.iterate(seq) as Iterable<unknown> as Iterable<LedgerRow>) {
      const observation = takenIn(row);
      if (observation !== undefined) hash = idsHash(hash, { ...identityOf(observation), seq: row.seq });
    }
    return hash;
  }

  return {
    dropStep(before, now) {
      const { first, last } = ends.get() as { first: number | null; last: number | null };
      if (first === null || last === null) return { rows: 0, more: false };
      const end = Number(keepFrom.get(before)?.seq ?? last + 1) - 1;
      const to = Math.min(end, first + DROP_STEP_ROWS - 1);
      if (to < first) return { rows: 0, more: false };
      const existing = heldAt(before);
      const lastHash = Buffer.from(hashOf.get(to)?.hash as Uint8Array).toString('hex');
      const ids = idsUpTo(to);
      derived.forget(to);
      drop.run(to);
      derived.settle();
      const left = heldAt(before);
      for (const [key, resource] of existing) {
        const still = left.get(key);
        if (still !== undefined && still.since === resource.since && sameValue(still, resource)) continue;
        // Of what is gone nothing has to be said, unless something older would come to light again.
        if (resource.value === null && still === undefined) continue;
        derived.note(rows.append('present', canonicalJson(presentOf(resource, resource.environment, now)), now));
      }
      derived.settle();
      // The newest counts for all: older tombstones are dropped with the other rows.
      const tombstone: Tombstone = { from: 1, to, rows: to, lastHash, idsHash: ids, before };
      rows.append('tombstone', canonicalJson(tombstone), now);
      dropReplaced.run();
      return { rows: to - first + 1, more: to < end };
    },
  };
}

function sameValue(a: HeldResource, b: HeldResource): boolean {
  return canonicalJson(a.value) === canonicalJson(b.value);
}

function presentOf(held: HeldResource, environment: string, now: number): PresentObservation {
  const { dataPlane, kind, key, id, name, revision, value, since } = held;
  return {
    type: 'present',
    observationId: valueHash(['kept', environment, dataPlane, kind, key, since]),
    feed: { type: 'ledger', name: 'retention' },
    observedAt: now,
    environment,
    ...(dataPlane !== null && { dataPlane }),
    resource: {
      kind,
      // A key that is no id is a name.
      ...(id !== undefined ? { id } : key !== '' && { name: key }),
      ...(name !== undefined && id !== undefined && { name }),
    },
    value,
    ...(revision !== undefined && { revision }),
    at: since,
    as: dataPlane === null ? 'desired' : 'in_force',
  };
}
