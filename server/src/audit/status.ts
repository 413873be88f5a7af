import type { ChainHead, FeedGap, OutputTest, TargetHealth } from '@aisix-observability/audit-bridge';
import type { DestinationHealth } from '@aisix-observability/pipeline';

/** How a watcher or poller does. Times are epoch milliseconds. */
export interface FeedStatus {
  readonly name: string;
  readonly type: string;
  readonly environment?: string;
  readonly state: 'starting' | 'ok' | 'failing' | 'closed';
  readonly fault?: { readonly code: string; readonly message: string };
  readonly heardAt?: number;
}

/** What the audit bridge says of itself. */
export interface AuditStatus {
  /** Newest row of the ledger. */
  readonly head?: ChainHead;
  readonly feeds: readonly FeedStatus[];
  /** Feeds that are silent now, agents and watchers alike. */
  readonly silent: readonly FeedGap[];
  readonly annotations: readonly TargetHealth[];
  readonly logDestinations: readonly DestinationHealth[];
}

/** What became of a change that `send-test` made up. */
export interface OutputTests {
  readonly annotations: readonly OutputTest[];
  readonly logEvents: readonly OutputTest[];
}
