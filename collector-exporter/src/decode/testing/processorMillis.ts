/**
 * Processor time that some work took, in milliseconds. To tell linear from quadratic work on a busy machine: what
 * others do meanwhile does not count, coverage makes it some times slower, and a runaway takes minutes.
 */
export function processorMillis(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Far above what linear work takes under coverage, far below what quadratic work takes. */
export const RUNAWAY_MILLIS = 10_000;
