/** Metric names of the watchers; `feed` is a name of the configuration. */
export const WATCH_METRICS = {
  /** By `feed` and `result` (`ok`, or the code of the fault). */
  looks: 'aisix_watch_looks',
  /** By `feed` and `type`. */
  observations: 'aisix_watch_observations',
} as const;
