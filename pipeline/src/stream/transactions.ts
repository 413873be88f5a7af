import type { DatabaseSync } from 'node:sqlite';

/** The one place where a connection begins and ends transactions; everything in it is synchronous. */
export interface Transactions {
  /** True while `run` is at work. */
  readonly active: boolean;
  /**
   * Runs `work` in a transaction of its own.
   *
   * @throws what `work` or the commit threw, after everything was rolled back.
   */
  run<T>(work: () => T): T;
  /** The same without waiting for the disk: a power failure may undo it, but never what is committed later. */
  runRelaxed<T>(work: () => T): T;
  /** Inside `run`: how to put memory back in step with the file, should the transaction fail. */
  onRollback(undo: () => void): void;
  /** Inside `run`: forbids the commit, even if the work catches the error, because it is half done. */
  doom(error: unknown): void;
}

/** @param begin `BEGIN IMMEDIATE` for a writer, `BEGIN` for a reader's snapshot. */
export function transactionsOf(db: DatabaseSync, begin: 'BEGIN' | 'BEGIN IMMEDIATE'): Transactions {
  const beginning = db.prepare(begin);
  const commit = db.prepare('COMMIT');
  let undos: (() => void)[] | undefined;
  let doomed: { readonly error: unknown } | undefined;

  function rollback(): void {
    // After a full disk or an I/O error SQLite may have ended the transaction already.
    try {
      if (db.isTransaction) db.exec('ROLLBACK');
    } finally {
      for (const undo of undos?.reverse() ?? []) undo();
      undos = undefined;
      doomed = undefined;
    }
  }

  function run<T>(work: () => T): T {
    if (undos !== undefined) throw new Error('a transaction does not nest in another');
    beginning.run();
    undos = [];
    try {
      const result = work();
      if (isThenable(result)) throw new TypeError('the work of a transaction must be synchronous');
      if (doomed !== undefined) throw doomed.error;
      commit.run();
      undos = undefined;
      return result;
    } catch (error) {
      rollback();
      throw error;
    }
  }

  return {
    get active() {
      return undos !== undefined;
    },
    run,
    runRelaxed(work) {
      if (undos !== undefined) throw new Error('a transaction does not nest in another');
      db.exec('PRAGMA synchronous = NORMAL');
      try {
        return run(work);
      } finally {
        db.exec('PRAGMA synchronous = FULL');
      }
    },
    onRollback(undo) {
      undos?.push(undo);
    },
    doom(error) {
      if (undos !== undefined) doomed ??= { error };
    },
  };
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
