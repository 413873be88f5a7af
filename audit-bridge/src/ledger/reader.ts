import type { DatabaseSync } from 'node:sqlite';
import type { Catalogue, ConfigChange, ResourceVersion } from '@aisix-observability/evidence';
import { catalogueReader, type KnownName } from './catalogue.ts';
import { computedVerdicts } from './computedVerdicts.ts';
import { type FeedGap, type GapQuery, gapTable } from './gaps.ts';
import { type ChangePage, type ChangeQuery, searchChanges } from './search.ts';

/** One new version of a change, or the word that it became part of another. */
export type ChangeVersion =
  | {
      readonly version: number;
      readonly id: string;
      readonly change: ConfigChange;
      /** Every other id that the change ever had, so that who kept it under one of them knows it again. */
      readonly aliases: readonly string[];
    }
  | {
      readonly version: number;
      readonly id: string;
      /** The id under which it goes on; absent when retention dropped it. */
      readonly replacedBy?: string;
    };

/** What may be asked of the ledger. */
export interface LedgerReader {
  /** A change by any id that it ever had. */
  getChange(id: string): ConfigChange | undefined;
  /**
   * What became of changes after a version, oldest first; of each only its newest state. A reader that keeps the
   * version of what it has dealt with misses nothing and needs no memory of its own here.
   */
  versionsAfter(version: number, limit: number): ChangeVersion[];
  lastVersion(): number;
  /**
   * Changes of a time range.
   *
   * @throws ChangeQueryError for a filter or cursor that cannot be.
   */
  searchChanges(query: ChangeQuery): ChangePage;
  /** Every resource of an environment as it was at a time (epoch milliseconds), as wanted and as each data plane served it. */
  catalogueAt(environment: string, time: number): Catalogue;
  /**
   * Every value that a resource of an environment had in `[from, to]` (epoch milliseconds), wanted and served: those that
   * held at `from`, and those that came after.
   */
  configVersions(environment: string, from: number, to: number): ResourceVersion[];
  /** How many changes since a moment have a computed verdict of that value and none of a person, by environment. */
  openVerdicts(value: string, since: number): ReadonlyMap<string | null, number>;
  /** The newest names of caller keys and models that exist. */
  names(): KnownName[];
  /** Gaps of feeds that touch `[from, to)`, oldest first. */
  gaps(query: GapQuery): FeedGap[];
}

export function ledgerReader(db: DatabaseSync): LedgerReader {
  const byId = db.prepare('SELECT change FROM changes WHERE id = ?');
  const target = db.prepare('SELECT id FROM aliases WHERE alias = ?');
  const others = db.prepare('SELECT alias FROM aliases WHERE id = ? ORDER BY alias');
  const last = db.prepare("SELECT value FROM meta WHERE key = 'version'");
  const after = db.prepare(`
    SELECT version, id, change FROM changes WHERE version > ?1
    UNION ALL SELECT version, id, NULL FROM replaced WHERE version > ?1
    ORDER BY version LIMIT ?2`);
  const gaps = gapTable(db);
  const computed = computedVerdicts(db);
  const catalogue = catalogueReader(db);

  function getChange(id: string): ConfigChange | undefined {
    const row = byId.get(id) ?? byId.get(String(target.get(id)?.id ?? ''));
    return row === undefined ? undefined : computed.with(JSON.parse(String(row.change)));
  }

  return {
    getChange,
    lastVersion: () => Number(last.get()?.value ?? 0),
    versionsAfter(version, limit) {
      return after.all(version, limit).map((row): ChangeVersion => {
        const common = { version: Number(row.version), id: String(row.id) };
        if (row.change !== null) {
          const aliases = others.all(common.id).map(({ alias }) => String(alias));
          return { ...common, change: JSON.parse(String(row.change)), aliases };
        }
        const replacedBy = target.get(common.id)?.id;
        return { ...common, ...(replacedBy !== undefined && { replacedBy: String(replacedBy) }) };
      });
    },
    searchChanges(query) {
      const page = searchChanges(db, query);
      return { ...page, changes: page.changes.map((change) => computed.with(change)) };
    },
    openVerdicts: (value, since) => computed.openOf(value, since),
    configVersions: (environment, from, to) => catalogue.versions(environment, from, to),
    catalogueAt: (environment, time) => catalogue.at(environment, time),
    names: () => catalogue.names(),
    gaps: (query) => gaps.between(query),
  };
}
