import { type DatabaseFileOptions, openDatabaseFile } from '@aisix-observability/pipeline';
import type { ChangeVersion } from '../ledger/reader.ts';
import { type Burst, burstFor, placedChange } from './bursts.ts';
import { RETENTION_PAGE } from './limits.ts';
import { markerChange } from './markerContent.ts';
import { MARKER_FORMAT } from './markerFormat.ts';
import { type MarkerSearch, markerSearch } from './markerSearch.ts';
import { type DrawnMarker, type Member, markerTables } from './markerTables.ts';
import { type AnnotationState, type OutboxItem, type OutboxTarget, outbox } from './outbox.ts';

/** Which changes are drawn together, where, and under which ids: all that the bridge remembers of annotations. */
export interface MarkerBook {
  /** The last version of a change that was taken. */
  position(): number;
  /** Takes new versions of changes; they, and what they give to draw, are durable when it returns. */
  take(versions: readonly ChangeVersion[]): TakenVersions;
  /** Withdraws a page of the markers that ended before a time; changes of that time are not drawn any more. */
  retain(before: number): number;
  marker(id: string): DrawnMarker | undefined;
  /** As a target may see it: one of an environment that it may not see is withdrawn there. */
  markerAt(target: string, id: string): DrawnMarker | undefined;
  /** The burst in which a change is drawn, by the change's present id. */
  burstOf(changeId: string): Burst | undefined;
  /** Drawn bursts that touch `[from, to)`, newest first. */
  bursts(range: { readonly from: number; readonly to: number; readonly limit: number }): Burst[];
  /** Drawn markers of some environments, newest first. */
  readonly search: MarkerSearch;
  due(target: string, limit: number): OutboxItem[];
  nextDue(target: string): number | undefined;
  waiting(target: string): { readonly count: number; readonly oldestAt?: number };
  /** Durable when it returns, as all of these. */
  note(target: string, marker: string, state: AnnotationState): void;
  /** The marker is at the target as it was at `revision`. */
  finish(target: string, marker: string, revision: number, state: AnnotationState): void;
  /** It is not, and is tried again at `due`. */
  postpone(target: string, marker: string, due: number, state: AnnotationState): void;
  close(): Promise<void>;
}

export interface TakenVersions {
  /** Changes older than what retention keeps: not drawn. */
  readonly tooOld: number;
}

export interface MarkerBookOptions extends Pick<DatabaseFileOptions, 'log' | 'diskSpace'> {
  readonly targets: readonly OutboxTarget[];
  readonly now: () => number;
  readonly recheckMillis: number;
}

/**
 * Opens the book at `path`, or makes it.
 *
 * @throws StreamFileError as `openStreamFile`.
 */
export function openMarkerBook(
  path: string,
  { targets, now, recheckMillis, ...options }: MarkerBookOptions,
): MarkerBook {
  const file = openDatabaseFile(path, MARKER_FORMAT, options);
  const { db } = file;
  const markers = markerTables(db);
  const box = outbox(db);
  const get = db.prepare('SELECT value FROM meta WHERE key = ?');
  const set = db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)');
  const number = (key: 'version' | 'retained_from'): number => Number(get.get(key)?.value ?? 0);

  file.transact(() => {
    box.setTargets(targets, now());
    // A process that was killed may have had a request under way for each of these.
    db.prepare('UPDATE annotations SET recheck_at = ? WHERE (target, marker) IN (SELECT target, marker FROM work)').run(
      now() + recheckMillis,
    );
  });

  function takeOne(version: ChangeVersion, touched: Set<string>): boolean {
    if (!('change' in version)) {
      rename(version.id, version.replacedBy, touched);
      return true;
    }
    const placed = placedChange(version.change);
    const told = { ...placed, ...markerChange(version.change) };
    const [kept, ...others] = [version.id, ...version.aliases].flatMap((id) => markers.member(id) ?? []);
    for (const other of others) {
      // Two that turned out to be one: one marker has it, the other one less.
      markers.remove(other.id);
      touched.add(other.marker);
    }
    if (kept !== undefined) {
      if (kept.id !== placed.id) markers.rename(kept.id, placed.id);
      const next: Member = { ...told, marker: kept.marker };
      if (looksTheSame(kept, next)) return true;
      markers.put(next);
      touched.add(kept.marker);
      return true;
    }
    if (placed.at < number('retained_from')) return false;
    const marker = burstFor(markers.near(placed), placed)?.id ?? markers.begin(placed);
    markers.put({ ...told, marker });
    // At once: the next change may join it.
    markers.refresh(marker);
    touched.add(marker);
    return true;
  }

  function rename(id: string, replacedBy: string | undefined, touched: Set<string>): void {
    const member = markers.member(id);
    // What retention of the ledger drops stays drawn until that of markers comes to it.
    if (member === undefined || replacedBy === undefined) return;
    if (markers.member(replacedBy) === undefined) {
      markers.rename(id, replacedBy);
    } else {
      markers.remove(id);
      touched.add(member.marker);
    }
  }

  const seers = (environment: string | null): string[] =>
    targets
      .filter(({ environments }) => environments === undefined || environments.includes(environment ?? NOWHERE))
      .map(({ name }) => name);

  function markerAt(target: string, id: string): DrawnMarker | undefined {
    const marker = markers.read(id);
    if (marker === undefined || marker.withdrawn || seers(marker.environment).includes(target)) return marker;
    return { ...marker, withdrawn: true };
  }

  function withdrawn(marker: DrawnMarker): void {
    if (box.isGone(marker.id)) markers.drop(marker.id);
  }

  return {
    position: () => number('version'),
    take(versions) {
      const last = versions.at(-1);
      if (last === undefined) return { tooOld: 0 };
      return file.transact(() => {
        const touched = new Set<string>();
        const tooOld = versions.filter((version) => !takeOne(version, touched)).length;
        for (const id of touched) {
          markers.refresh(id);
          const marker = markers.read(id);
          if (marker === undefined) continue;
          box.add(id, marker.end, now(), seers(marker.environment));
          if (marker.withdrawn) withdrawn(marker);
        }
        set.run('version', String(last.version));
        return { tooOld };
      });
    },
    retain(before) {
      return file.transact(() => {
        const ids = markers.endedBefore(before, RETENTION_PAGE);
        set.run('retained_from', String(Math.max(before, number('retained_from'))));
        for (const id of ids) {
          markers.removeMembers(id);
          markers.refresh(id);
          const marker = markers.read(id);
          if (marker === undefined) continue;
          // Only where it is drawn.
          box.add(id, Number.MIN_SAFE_INTEGER, now(), []);
          withdrawn(marker);
        }
        return ids.length;
      });
    },
    marker: (id) => markers.read(id),
    markerAt,
    burstOf(changeId) {
      const member = markers.member(changeId);
      const marker = member === undefined ? undefined : markers.read(member.marker);
      if (marker === undefined) return undefined;
      return { id: marker.id, environment: marker.environment, start: marker.start, end: marker.end, actors: [] };
    },
    bursts: (range) => markers.bursts(range),
    search: markerSearch(db, markers),
    due: (target, limit) => box.due(target, now(), limit),
    nextDue: (target) => box.nextDue(target),
    waiting: (target) => box.waiting(target),
    note: (target, marker, state) => file.transact(() => box.note(target, marker, state)),
    finish(target, id, revision, state) {
      file.transact(() => {
        const marker = markers.read(id);
        box.note(target, id, state);
        if (marker !== undefined && marker.revision !== revision) box.postpone(target, id, now(), false);
        else if (state.recheckAt !== undefined) box.postpone(target, id, state.recheckAt, false);
        else {
          box.settled(target, id);
          if (markerAt(target, id)?.withdrawn === false) return;
          box.forget(target, id);
          if (marker?.withdrawn) withdrawn(marker);
        }
      });
    },
    postpone(target, marker, due, state) {
      file.transact(() => {
        box.note(target, marker, state);
        box.postpone(target, marker, due, true);
      });
    },
    close: () => file.close(),
  };
}

/** An id that no environment has: of the whole organization. */
const NOWHERE = '';

function looksTheSame(a: Member, b: Member): boolean {
  return (
    a.at === b.at &&
    a.actor === b.actor &&
    a.kind === b.kind &&
    a.action === b.action &&
    a.outcome === b.outcome &&
    a.name === b.name &&
    a.previousName === b.previousName
  );
}
