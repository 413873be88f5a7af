import type { DatabaseFile } from '@aisix-observability/pipeline';
import type {
  ChangeObservation,
  GapObservation,
  InForceObservation,
  PresentObservation,
  StatusObservation,
} from '../model/observation.ts';
import { changeTable } from './changeTable.ts';
import { type ComputedRow, computedVerdicts } from './computedVerdicts.ts';
import { foldChanges, type HumanVerdict } from './fold.ts';
import { DERIVED_TABLES } from './format.ts';
import { gapTable } from './gaps.ts';
import { members } from './members.ts';
import type { ObservationIds } from './observationIds.ts';
import type { Interval } from './observed.ts';
import type { LedgerRow, RowReader } from './rowLog.ts';
import { STATUS_HORIZON_MS } from './statusTimes.ts';
import { units } from './units.ts';

/** Keeps everything that follows from the rows in step with them. Inside a transaction of the caller. */
export interface Derivation {
  /** Takes note of a row that was appended; what it changes is folded by `settle`. */
  note(row: LedgerRow): void;
  /** Takes all rows up to a position out of everything, before they are dropped; `settle` folds without them. */
  forget(upTo: number): void;
  /** Folds anew what was touched since. */
  settle(): void;
  resolve(changeId: string): string | undefined;
  /** Drops everything that follows from the rows and makes it anew; what comes out the same keeps its version. */
  rebuild(): void;
}

export function derivation(
  file: Pick<DatabaseFile, 'db' | 'onRollback'>,
  rows: RowReader,
  ids: Pick<ObservationIds, 'contents'>,
): Derivation {
  const { db } = file;
  const resources = units(db);
  const member = members(db, rows);
  const table = changeTable(file);
  const gaps = gapTable(db);
  const computed = computedVerdicts(db);
  const addPresent = db.prepare(
    'INSERT INTO present (seq, environment, data_plane, held, kind, resource_key, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const ofChange = db.prepare('SELECT unit, from_at, to_at FROM changes WHERE id = ?');
  const nextReport = db.prepare(
    'SELECT min(observed_at) AS at FROM statuses WHERE environment = ? AND data_plane = ? AND observed_at > ?',
  );
  const sameMoment = db.prepare(
    'SELECT 1 FROM statuses WHERE environment = ? AND data_plane = ? AND observed_at = ? AND seq <> ? LIMIT 1',
  );
  // The first report that tells of a change stands, so that a newest one only matters to changes without one.
  const changedBetween = db.prepare(`
    SELECT min(id) AS id, min(occurred_at) AS from_at, max(occurred_at) AS to_at FROM changes
    WHERE environment = ?1 AND occurred_at BETWEEN ?2 AND ?3 AND (?5 OR NOT EXISTS (
      SELECT 1 FROM in_force WHERE change_id = changes.id AND data_plane = ?4)) GROUP BY unit`);
  const forgotten = db.prepare("SELECT seq FROM members WHERE seq <= ? AND type != 'verdict'");
  const forgottenReports = db.prepare(`
    SELECT environment, data_plane, min(observed_at) AS first, max(observed_at) AS last FROM statuses
    WHERE seq <= ? GROUP BY environment, data_plane`);
  /** What to fold again. Units and ties are asked for in the end, because they may grow until then. */
  let touched: { unit(): number | undefined; seeds(): readonly Interval[] }[] = [];

  const touchRow = (seq: number): void => {
    touched.push({ unit: () => member.unitOf(seq), seeds: () => member.seeds(seq) });
  };
  const touchChange = (id: string, around: Interval): void => {
    const unit = () => {
      const found = ofChange.get(id);
      return found === undefined ? undefined : Number(found.unit);
    };
    touched.push({ unit, seeds: () => [around] });
  };

  /** Touches what reports between two moments may tell of; of what is told of already only with `all`. */
  function touchReported(environment: string, dataPlane: string, [first, last]: Interval, all: boolean): void {
    // The last may be the report before a change that the next one then speaks of.
    const next = nextReport.get(environment, dataPlane, last)?.at;
    const isNewest = next === null || next === undefined;
    const until = isNewest ? Number.MAX_VALUE : Number(next) + STATUS_HORIZON_MS;
    const from = first - STATUS_HORIZON_MS;
    for (const row of changedBetween.all(environment, from, until, dataPlane, Number(all || !isNewest))) {
      touchChange(String(row.id), [Number(row.from_at), Number(row.to_at)]);
    }
  }

  function noteStatus(seq: number, status: StatusObservation): void {
    const { environment, dataPlane, observedAt } = status;
    member.addStatus(seq, status);
    // Of two reports of one moment the order is not that of their arrival: this one may come before one that told.
    const isTied = sameMoment.get(environment, dataPlane, observedAt, seq) !== undefined;
    touchReported(environment, dataPlane, [observedAt, observedAt], isTied);
  }

  /** What is shown of two contents is one change, whatever resource and time each of them tells of. */
  function noteConflict(observationId: string): void {
    const { id, seqs } = ids.contents(observationId);
    member.contest(id, seqs);
    resources.join(seqs.flatMap((seq) => member.unitOf(seq) ?? []));
  }

  function noteVerdict(seq: number, { changeId }: HumanVerdict): void {
    const id = table.resolve(changeId);
    const change = id === undefined ? undefined : ofChange.get(id);
    if (change === undefined) return;
    member.addVerdict(seq, Number(change.unit));
    touchChange(String(id), [Number(change.from_at), Number(change.to_at)]);
  }

  function note({ seq, type, body }: LedgerRow): void {
    file.onRollback(() => {
      touched = [];
    });
    const parsed: unknown = JSON.parse(body);
    switch (type) {
      case 'change':
      case 'conflict':
      case 'in_force': {
        const observation = parsed as ChangeObservation | InForceObservation;
        member.add(seq, resources.of(observation), type, observation);
        if (type === 'conflict') noteConflict(observation.observationId);
        touchRow(seq);
        break;
      }
      case 'status':
        noteStatus(seq, parsed as StatusObservation);
        break;
      case 'present': {
        const { environment, dataPlane, as: held, resource, at } = parsed as PresentObservation;
        addPresent.run(
          seq,
          environment,
          dataPlane ?? null,
          held,
          resource.kind,
          resource.id ?? resource.name ?? '',
          at,
        );
        break;
      }
      case 'gap':
        gaps.add(seq, parsed as GapObservation);
        break;
      case 'verdict':
        if (isComputed(parsed)) computed.note(seq, parsed);
        else noteVerdict(seq, parsed as HumanVerdict);
        break;
      case 'tombstone':
        break;
    }
  }

  function settle(): void {
    const seeds = new Map<number, Interval[]>();
    for (const one of touched) {
      const unit = one.unit();
      if (unit === undefined) continue;
      const of = seeds.get(unit) ?? [];
      of.push(...one.seeds());
      seeds.set(unit, of);
    }
    touched = [];
    for (const [unit, of] of seeds) {
      for (const window of member.windows(unit, of)) {
        table.replace(unit, window, foldChanges(member.load(unit, window)));
      }
    }
  }

  return {
    note,
    settle,
    forget(upTo) {
      file.onRollback(() => {
        touched = [];
      });
      for (const { seq } of forgotten.all(upTo)) {
        const [unit, seeds] = [member.unitOf(Number(seq)), member.seeds(Number(seq))];
        touched.push({ unit: () => unit, seeds: () => seeds });
      }
      for (const { environment, data_plane: dataPlane, first, last } of forgottenReports.all(upTo)) {
        touchReported(String(environment), String(dataPlane), [Number(first), Number(last)], true);
      }
      member.forget(upTo);
      gaps.forget(upTo);
      computed.forget(upTo);
      db.prepare('DELETE FROM present WHERE seq <= ?').run(upTo);
    },
    resolve: (id) => table.resolve(id),
    rebuild() {
      db.exec(`
        CREATE TEMP TABLE earlier AS SELECT id, version, change, before, after FROM changes;
        DELETE FROM changes;
        ${DERIVED_TABLES.map((name) => `DELETE FROM ${name}`).join(';')}`);
      // A verdict is noted on a change, so that all changes have to be there first.
      for (const verdicts of [false, true]) {
        for (const row of rows.all()) {
          if ((row.type === 'verdict') === verdicts) note(row);
        }
        settle();
      }
      table.keepVersions();
      db.exec('DROP TABLE temp.earlier');
    },
  };
}

function isComputed(row: unknown): row is ComputedRow {
  return row !== null && typeof row === 'object' && 'computed' in row;
}
