/** Runs works one after the other, whether the one before went well or not. */
export type WriteQueue = <T>(work: () => Promise<T>) => Promise<T>;

export function writeQueue(): WriteQueue {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}
