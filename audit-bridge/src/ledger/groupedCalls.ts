/** Calls of one turn of the event loop, done together: one transaction, one fsync. */
export interface GroupedCalls<Call, Result> {
  add(call: Call): Promise<Result>;
  /** Does everything that waits, at once. */
  flush(): void;
}

/**
 * @param run does all calls or none of them; its results stand in the order of the calls.
 * @param isEverybodys tells of a failure whether it lies with all calls (a full disk); of any other each call of the
 *   group is tried by itself, so that only the one that cannot be done fails.
 * @param maxCalls of one group, so that the event loop is not held up for long.
 */
export function groupedCalls<Call, Result>(
  run: (calls: readonly Call[]) => readonly Result[],
  isEverybodys: (error: unknown) => boolean,
  maxCalls: number,
): GroupedCalls<Call, Result> {
  interface Waiting {
    readonly call: Call;
    resolve(result: Result): void;
    reject(error: unknown): void;
  }
  let waiting: Waiting[] = [];
  let scheduled = false;

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    // After the I/O callbacks of this turn, so that everything that has arrived by then shares one fsync.
    setImmediate(() => {
      scheduled = false;
      runGroup();
      if (waiting.length > 0) schedule();
    });
  }

  function runGroup(): void {
    const group = waiting.slice(0, maxCalls);
    waiting = waiting.slice(maxCalls);
    if (group.length > 0) runTogether(group);
  }

  function runTogether(group: readonly Waiting[]): void {
    let results: readonly Result[];
    try {
      results = run(group.map(({ call }) => call));
    } catch (error) {
      if (group.length > 1 && !isEverybodys(error)) {
        for (const one of group) runTogether([one]);
        return;
      }
      for (const { reject } of group) reject(error);
      return;
    }
    for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result);
  }

  return {
    add(call) {
      const { promise, resolve, reject } = Promise.withResolvers<Result>();
      waiting.push({ call, resolve, reject });
      schedule();
      return promise;
    },
    flush() {
      while (waiting.length > 0) runGroup();
    },
  };
}
