import type { Log, Recorder } from '@aisix-observability/pipeline';
import type { FeedRef } from '../model/observation.ts';

/** Metric names of feeds of audit events; every series has the label `feed`, the configured name. */
export const AUDIT_METRICS = {
  /** Events that are durable now, first or repeated. */
  eventsAccepted: 'aisix_audit_events_accepted',
  /** By `code`: events that were not taken. */
  eventsRefused: 'aisix_audit_events_refused',
  /** By `reason`: events that do not concern this server. */
  eventsIgnored: 'aisix_audit_events_ignored',
  /** Events whose id was known with other content. */
  conflicts: 'aisix_audit_conflicts',
  /** By `code`: nothing of the delivery was stored. */
  deliveriesRefused: 'aisix_audit_deliveries_refused',
  /** By `result`: `ok` or the code of the fault. */
  polls: 'aisix_audit_polls',
} as const;

/** One line in the log per code and minute: somebody who knocks at the door must not fill the disk. */
const LOG_EVERY_MILLIS = 60_000;

/** Counts what a feed did not take, and logs it now and then: by code, never with what the sender wrote. */
export interface FeedJournal {
  delivery(code: string, reason: string): void;
  event(code: string, reason: string): void;
  ignored(reason: string): void;
  accepted(events: number): void;
  conflicts(events: number): void;
}

export interface FeedJournalOptions {
  readonly feed: FeedRef;
  readonly recorder: Recorder;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export function createFeedJournal({ feed, recorder, log, now }: FeedJournalOptions): FeedJournal {
  const last = new Map<string, { readonly at: number; suppressed: number }>();
  const labels = { feed: feed.name };

  function write(message: string, code: string, reason: string): void {
    const key = `${message} ${code}`;
    const before = last.get(key);
    const at = now();
    if (before !== undefined && Math.abs(at - before.at) < LOG_EVERY_MILLIS) {
      before.suppressed += 1;
      return;
    }
    last.set(key, { at, suppressed: 0 });
    const also = before?.suppressed ? { alsoSince: before.suppressed } : {};
    log('warn', message, { feed: feed.name, code, reason, ...also });
  }

  return {
    delivery(code, reason) {
      recorder.count(AUDIT_METRICS.deliveriesRefused, 1, { ...labels, code });
      write('A delivery of audit events was refused.', code, reason);
    },
    event(code, reason) {
      recorder.count(AUDIT_METRICS.eventsRefused, 1, { ...labels, code });
      write('An audit event was refused.', code, reason);
    },
    ignored(reason) {
      recorder.count(AUDIT_METRICS.eventsIgnored, 1, { ...labels, reason });
    },
    accepted(events) {
      if (events > 0) recorder.count(AUDIT_METRICS.eventsAccepted, events, labels);
    },
    conflicts(events) {
      recorder.count(AUDIT_METRICS.conflicts, events, labels);
      write('An audit event came with an id that is known with other content; both are kept.', 'conflict', `${events}`);
    },
  };
}
