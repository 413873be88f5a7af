import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ChangeVerdict, ConfigChange } from '@aisix-observability/evidence';
import {
  type DatabaseFileOptions,
  type Log,
  openDatabaseFile,
  type Recorder,
  StreamUnavailableError,
  silentLog,
  silentRecorder,
} from '@aisix-observability/pipeline';
import { canonicalJson } from '../model/canonicalJson.ts';
import type { Observation, Observe, ObserveResult } from '../model/observation.ts';
import { bringForward } from './bringForward.ts';
import { catalogueReader } from './catalogue.ts';
import type { ChainHead } from './chain.ts';
import type { ComputedRow, ComputedVerdict } from './computedVerdicts.ts';
import { derivation } from './derive.ts';
import type { HumanVerdict } from './fold.ts';
import { LEDGER_FORMAT } from './format.ts';
import { groupedCalls } from './groupedCalls.ts';
import { LEDGER_METRICS } from './metrics.ts';
import { observationIds } from './observationIds.ts';
import { type LedgerReader, ledgerReader } from './reader.ts';
import { retention } from './retention.ts';
import { rowLog } from './rowLog.ts';
import { PUBLISHED_HEAD } from './verify.ts';

/** Calls of `observe` that share a commit; each may carry many observations. */
const MAX_CALLS_PER_COMMIT = 64;

export interface LedgerOptions extends Pick<DatabaseFileOptions, 'maxFileBytes' | 'diskSpace'> {
  /** Epoch milliseconds: when rows are taken in. */
  readonly now?: () => number;
  readonly log?: Log;
  readonly recorder?: Recorder;
}

/** Where everything that was observed of changes is kept, and what it amounts to. One process writes it. */
export interface Ledger extends LedgerReader {
  /**
   * Takes observations for good: resolves once they would survive `kill -9` and power failure, all of them or none.
   * The same `observationId` again, at any later time, changes nothing; with another `contentHash` it is kept as a
   * conflict.
   *
   * @throws StreamUnavailableError when the disk refused; nothing was stored, and trying again may help.
   */
  readonly observe: Observe;
  /**
   * What a person says of a change, by any id that it ever had; null takes it back.
   *
   * @returns the change with it, or undefined where there is none of that id.
   */
  setVerdict(id: string, verdict: VerdictInput): Promise<ConfigChange | undefined>;
  /** What a timed look found of a change, by any id that it ever had; undefined where there is none of that id. */
  setComputed(id: string, computed: ComputedVerdict): Promise<ConfigChange | undefined>;
  /** The end of the chain, to be published where this machine cannot reach it. Undefined while there are no rows. */
  head(): ChainHead | undefined;
  /** Notes that a head was published, so that `verifyLedger` holds the file to it. */
  notePublished(head: ChainHead): void;
  /**
   * Drops what was taken in before a moment (epoch milliseconds), in steps, and leaves a tombstone. Resolves with the
   * rows dropped.
   */
  dropBefore(before: number): Promise<number>;
  /** Calls back after every commit that made new versions of changes; returns how to stop it. */
  onVersions(listener: () => void): () => void;
  /** Makes everything that follows from the rows anew, in one transaction; what comes out the same keeps its version. */
  rebuild(): void;
  /** Waits for what was accepted, closes the file. */
  close(): Promise<void>;
}

export interface VerdictInput {
  readonly value: NonNullable<ChangeVerdict['human']>['value'] | null;
  readonly by: string;
  readonly at: number;
  /** Redacted by the caller. */
  readonly note?: string;
}

type Work = { readonly observations: readonly Prepared[] } | { readonly verdict: HumanVerdict | ComputedRow };

interface Prepared {
  readonly observation: Observation;
  readonly body: string;
}

/**
 * Opens the ledger at `path`, or makes it; its directory must exist.
 *
 * @throws StreamFileError when it is locked by another writer, foreign, newer, damaged or unusable.
 */
export function openLedger(path: string, options: LedgerOptions = {}): Ledger {
  const { log = silentLog, recorder = silentRecorder, now = Date.now } = options;
  const file = openDatabaseFile(path, LEDGER_FORMAT, {
    log,
    ...(options.maxFileBytes !== undefined && { maxFileBytes: options.maxFileBytes }),
    ...(options.diskSpace !== undefined && { diskSpace: options.diskSpace }),
  });
  const parts = () => {
    const rows = rowLog(file);
    const ids = observationIds(file.db);
    return { rows, ids, derived: derivation(file, rows, ids) };
  };
  bringForward(file, parts);
  const { rows, ids, derived } = parts();
  const reader = ledgerReader(file.db);
  const listeners = new Set<() => void>();

  const retained = retention(file, rows, derived, catalogueReader(file.db));
  const notePublished = file.db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)');

  /** Does work that may make new versions, and tells of them. */
  function told<T>(work: () => T): T {
    const before = reader.lastVersion();
    const result = work();
    if (reader.lastVersion() !== before) for (const listener of listeners) listener();
    return result;
  }

  const calls = groupedCalls<Work, ObserveResult>(
    (group) => {
      const bytes = group.reduce((sum, work) => sum + bytesOf(work), 0);
      file.mustHaveRoom(bytes);
      const counts = new Map<string, number>();
      const results = told(() =>
        file.transact(() => {
          const done = group.map((work) =>
            'verdict' in work ? keepVerdict(work.verdict) : keep(work.observations, counts),
          );
          derived.settle();
          return done;
        }),
      );
      for (const [name, count] of counts) recorder.count(name, count);
      return results;
    },
    (error) => error instanceof StreamUnavailableError,
    MAX_CALLS_PER_COMMIT,
  );

  function keep(observations: readonly Prepared[], counts: Map<string, number>): ObserveResult {
    const at = now();
    let stored = 0;
    let repeated = 0;
    const conflicts: string[] = [];
    const count = (name: string): void => {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    };
    for (const { observation, body } of observations) {
      const taken = ids.take(observation, (rows.head()?.seq ?? 0) + 1);
      if (taken === 'new') {
        derived.note(rows.append(observation.type, body, at));
        stored += 1;
        count(LEDGER_METRICS.stored);
      } else if (taken === 'repeated') {
        repeated += 1;
        count(LEDGER_METRICS.repeated);
      } else {
        if (taken === 'conflict') derived.note(rows.append('conflict', body, at));
        conflicts.push(observation.observationId);
        count(LEDGER_METRICS.conflicts);
      }
    }
    return { stored, repeated, conflicts };
  }

  function keepVerdict(verdict: HumanVerdict | ComputedRow): ObserveResult {
    derived.note(rows.append('verdict', canonicalJson(verdict), now()));
    return { stored: 1, repeated: 0, conflicts: [] };
  }

  return {
    ...reader,
    async observe(observations) {
      // Before the group, so that what has no JSON form fails its own caller only.
      const prepared = observations.map((observation) => ({ observation, body: canonicalJson(observation) }));
      if (prepared.length === 0) return { stored: 0, repeated: 0, conflicts: [] };
      return calls.add({ observations: prepared });
    },
    async setVerdict(id, { value, by, at: told, note }) {
      const change = reader.getChange(id);
      if (change === undefined) return undefined;
      // The last word counts, also where the clock was set back since the one before.
      const at = Math.max(told, (change.verdict?.human?.at ?? Number.NEGATIVE_INFINITY) + 1);
      const human = value === null ? null : { value, by, at, ...(note !== undefined && { note }) };
      await calls.add({ verdict: { changeId: id, verdict: human, at, ...(human === null && { by }) } });
      return reader.getChange(id);
    },
    async setComputed(id, computed) {
      if (reader.getChange(id) === undefined) return undefined;
      await calls.add({ verdict: { changeId: id, computed, at: computed.at } });
      return reader.getChange(id);
    },
    head: () => rows.head(),
    notePublished(head) {
      file.transact(() => notePublished.run(PUBLISHED_HEAD, canonicalJson(head)));
    },
    async dropBefore(before) {
      let dropped = 0;
      for (;;) {
        const { rows: some, more } = told(() => file.transact(() => retained.dropStep(before, now())));
        dropped += some;
        if (some > 0) recorder.count(LEDGER_METRICS.dropped, some);
        if (!more) break;
        await nextTurn();
      }
      file.giveBack();
      return dropped;
    },
    onVersions(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    rebuild() {
      calls.flush();
      told(() => file.transact(() => derived.rebuild()));
    },
    async close() {
      calls.flush();
      await file.close();
    },
  };
}

function bytesOf(work: Work): number {
  if ('verdict' in work) return canonicalJson(work.verdict).length;
  return work.observations.reduce((sum, { body }) => sum + body.length, 0);
}
