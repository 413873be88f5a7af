import type { Trouble } from './symptoms.ts';

/** One way of trouble of an incident, and whom it met. Times are epoch milliseconds. */
export interface FoundSymptom {
  readonly kind: Trouble['kind'];
  readonly signature?: number;
  readonly start: number;
  readonly end?: number;
  /** Requested (for attempts: tried) models; empty where it is about callers alone. */
  readonly models: ReadonlySet<string>;
  /** Caller keys it is limited to; empty where it meets all. */
  readonly keys: ReadonlySet<string>;
  /** As the series that rose were counted; for `vanished` the requests that stayed away. */
  readonly bad: number;
  readonly total: number;
  readonly nats: number;
}

export interface FoundIncident {
  readonly start: number;
  readonly end?: number;
  readonly symptoms: readonly FoundSymptom[];
}
