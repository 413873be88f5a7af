import type { ConfigChange } from '@aisix-observability/evidence';
import type { Interval } from './observed.ts';

/** A redacted document; null where the resource does not exist. */
export type ResourceDocument = Readonly<Record<string, unknown>> | null;

/** A change as the fold knows it: with its documents, and with the ids that it had before. */
export interface FoldedChange {
  readonly change: ConfigChange;
  /** Earlier ids of the change. */
  readonly aliases: readonly string[];
  /** From the earliest to the latest moment that its observations speak of. */
  readonly span: Interval;
  /** Absent where not known. */
  readonly before?: ResourceDocument;
  readonly after?: ResourceDocument;
}
