/** Metric names of the watchers; `feed` is a name of the configuration. */
export const WATCH_METRICS = {
  /** By `feed` and `result` (`ok`, or the code of the fault). */
  looks: 'aisix_watch_looks',
  /** By `feed` and `type`. */
  observations: 'aisix_watch_observations',
  /** By `feed`: tries to hand observations on that failed; they are handed on again. */
  observeFailures: 'aisix_watch_observe_failures',
} as const;

/** Metric names of agents and of the route that they post to. */
export const AGENT_METRICS = {
  delivered: 'aisix_agent_delivered',
  /** By `reason` (`refused_by_server`, `too_large`): observations that can never be delivered. */
  dropped: 'aisix_agent_dropped',
  /** By `reason`. */
  postFailures: 'aisix_agent_post_failures',
  spoolBytes: 'aisix_agent_spool_bytes',
  /** By `reason` (`spool_full`, `disk`): observations that wait in memory because of it. */
  spoolRefused: 'aisix_agent_spool_refused',
  /** At the server: deliveries of data planes for which no agent is configured. */
  unknown: 'aisix_agent_unknown',
} as const;
