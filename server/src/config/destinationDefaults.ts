/** How far a destination may stay behind before it loses its place. */
export const DEFAULT_BACKLOG_BYTES = 2 ** 30;

/** A request that took longer is worth keeping whatever the sampling says. */
export const SLOW_MILLIS = 10_000;
