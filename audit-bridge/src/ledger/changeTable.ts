import type { DatabaseFile } from '@aisix-observability/pipeline';
import type { FoldedChange, ResourceDocument } from './foldedChange.ts';
import type { FoldWindow } from './windows.ts';

/** The folded changes in their table. Inside a transaction of the caller. */
export interface ChangeTable {
  /**
   * Puts the changes of a window in place of those that were there; what is equal keeps its version. Of `folded` only
   * what occurred in `out` counts: at the edges of a window something may be missing.
   */
  replace(unit: number, window: FoldWindow, folded: readonly FoldedChange[]): void;
  /** The id that a change has now, for any that it ever had. */
  resolve(id: string): string | undefined;
  /** After everything was folded anew: what equals its row in `temp.earlier` gets its version back. */
  keepVersions(): void;
}

export function changeTable({ db }: Pick<DatabaseFile, 'db'>): ChangeTable {
  const old = db.prepare(`
    SELECT id, from_at, to_at, change, before, after FROM changes
    WHERE unit = ?1 AND to_at >= ?2 AND from_at <= ?3 AND occurred_at BETWEEN ?2 AND ?3`);
  const nextVersion = db.prepare(`
    INSERT INTO meta (key, value) VALUES ('version', '1')
    ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) RETURNING value`);
  const insert = db.prepare(`
    INSERT OR REPLACE INTO changes (
      id, version, unit, from_at, to_at, occurred_at, environment, kind, resource_key, resource_id, name, previous_name,
      action, actor_id, actor_name, actor_type, state, trust, source, result, data_plane, conflict, found_late, verdict,
      revision, change, before, after
    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const respan = db.prepare('UPDATE changes SET from_at = ?, to_at = ? WHERE id = ?');
  const remove = db.prepare('DELETE FROM changes WHERE id = ?');
  const exists = db.prepare('SELECT 1 FROM changes WHERE id = ?');
  const aliasesOf = db.prepare('SELECT alias FROM aliases WHERE id = ?');
  const removeAliases = db.prepare('DELETE FROM aliases WHERE id = ?');
  const addAlias = db.prepare('INSERT OR REPLACE INTO aliases (alias, id) VALUES (?, ?)');
  const target = db.prepare('SELECT id FROM aliases WHERE alias = ?');
  const removeTimes = db.prepare('DELETE FROM in_force WHERE change_id = ?');
  const addTime = db.prepare(
    'INSERT INTO in_force (change_id, data_plane, environment, kind, resource_key, at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const replaced = db.prepare('INSERT OR REPLACE INTO replaced (version, id, replaced_by) VALUES (?, ?, ?)');
  const back = db.prepare('DELETE FROM replaced WHERE id = ?');

  const version = (): number => Number(nextVersion.get()?.value);

  function write(unit: number, { change, before, after, span }: FoldedChange): void {
    const { resource, actor, environment } = change;
    const key = resource.id ?? resource.name ?? '';
    insert.run(
      change.id,
      version(),
      unit,
      ...span,
      change.occurredAt,
      environment,
      resource.kind,
      key,
      resource.id ?? null,
      resource.name ?? null,
      resource.previousName ?? null,
      change.action,
      actor?.id ?? null,
      actor?.name ?? null,
      actor?.type ?? null,
      change.state,
      change.trust,
      change.source,
      change.result,
      change.dataPlane ?? null,
      Number(change.conflict),
      Number(change.foundLate),
      change.verdict?.human?.value ?? null,
      change.revision ?? null,
      JSON.stringify(change),
      textOf(before),
      textOf(after),
    );
    back.run(change.id);
    removeTimes.run(change.id);
    if (environment === null) return;
    for (const { dataPlane, at } of change.effective) {
      addTime.run(change.id, dataPlane, environment, resource.kind, key, at);
    }
  }

  function writeAliases({ change, aliases }: FoldedChange): void {
    const had = aliasesOf.all(change.id).map(({ alias }) => String(alias));
    if (had.length === aliases.length && had.every((alias) => aliases.includes(alias))) return;
    removeAliases.run(change.id);
    for (const alias of aliases) addAlias.run(alias, change.id);
  }

  return {
    replace(unit, { out: [from, to] }, all) {
      const folded = all.filter(({ change }) => change.occurredAt >= from && change.occurredAt <= to);
      const before = new Map(old.all(unit, from, to).map((row) => [String(row.id), row]));
      const kept = new Set(folded.map(({ change }) => change.id));
      for (const id of before.keys()) if (!kept.has(id)) removeAliases.run(id);
      // What is the same is not written: a window may hold much, and most of it is as it was.
      for (const entry of folded) {
        const { change, span } = entry;
        writeAliases(entry);
        const was = before.get(change.id);
        before.delete(change.id);
        const same =
          was !== undefined &&
          was.change === JSON.stringify(change) &&
          was.before === textOf(entry.before) &&
          was.after === textOf(entry.after);
        if (!same) write(unit, entry);
        else if (was.from_at !== span[0] || was.to_at !== span[1]) respan.run(...span, change.id);
      }
      for (const id of before.keys()) {
        remove.run(id);
        removeTimes.run(id);
        replaced.run(version(), id, (target.get(id)?.id as string | undefined) ?? null);
      }
    },
    resolve(id) {
      if (exists.get(id) !== undefined) return id;
      return target.get(id)?.id as string | undefined;
    },
    keepVersions() {
      db.exec(`
        UPDATE changes SET version = earlier.version FROM temp.earlier
        WHERE earlier.id = changes.id AND earlier.change = changes.change AND earlier.before IS changes.before
          AND earlier.after IS changes.after`);
      const lost = db.prepare('SELECT id FROM temp.earlier WHERE id NOT IN (SELECT id FROM changes)').all();
      for (const { id } of lost)
        replaced.run(version(), id as string, (target.get(id as string)?.id as string) ?? null);
      db.exec(`
        UPDATE meta SET value = CAST(max(
          coalesce((SELECT max(version) FROM changes), 0), coalesce((SELECT max(version) FROM replaced), 0)) AS TEXT)
        WHERE key = 'version'`);
    },
  };
}

/** Not canonical, but the same for the same rows, whose bodies are. */
function textOf(document: ResourceDocument | undefined): string | null {
  return document === undefined ? null : JSON.stringify(document);
}
