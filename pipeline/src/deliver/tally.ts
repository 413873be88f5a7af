import { type Labels, type Recorder, silentRecorder } from '../observe/recorder.ts';
import { DESTINATION_METRICS } from './metrics.ts';
import type { SetAsideReason } from './setAside.ts';

/** Counts what happened, for health and for the `Recorder` at once, so that the two never differ. */
export interface Tally {
  delivered(items: number, rejected: number): void;
  retried(reason: string): void;
  unreadable(reason: string): void;
  setAsideItems(reason: SetAsideReason, items: number): void;
  setAsideRow(reason: SetAsideReason): void;
  skipped(reason: string): void;
  /** A row with nothing left to do. */
  settledRow(): void;
  sent(seconds: number): void;
  readonly counts: Counts;
}

export interface Counts {
  delivered: number;
  rejected: number;
  retried: number;
  unreadable: number;
  settledRows: number;
  readonly setAside: Record<string, number>;
  readonly skipped: Record<string, number>;
}

/** With a parent, everything is counted there too, and only the root reports to the recorder. */
export function createTally(labels: Labels, recorder: Recorder, parent?: Tally): Tally {
  const report = parent === undefined ? recorder : silentRecorder;
  const counts: Counts = {
    delivered: 0,
    rejected: 0,
    retried: 0,
    unreadable: 0,
    settledRows: 0,
    setAside: Object.create(null) as Record<string, number>,
    skipped: Object.create(null) as Record<string, number>,
  };
  const add = (into: Record<string, number>, reason: string) => {
    into[reason] = (into[reason] ?? 0) + 1;
  };

  return {
    counts,
    delivered(items, rejected) {
      counts.delivered += items;
      counts.rejected += rejected;
      if (items > 0) report.count(DESTINATION_METRICS.itemsDelivered, items, labels);
      if (rejected > 0) report.count(DESTINATION_METRICS.itemsRejected, rejected, labels);
      parent?.delivered(items, rejected);
    },
    retried(reason) {
      counts.retried += 1;
      report.count(DESTINATION_METRICS.requestsRetried, 1, { ...labels, reason });
      parent?.retried(reason);
    },
    unreadable(reason) {
      counts.unreadable += 1;
      report.count(DESTINATION_METRICS.responsesUnreadable, 1, { ...labels, reason });
      parent?.unreadable(reason);
    },
    setAsideItems(reason, items) {
      report.count(DESTINATION_METRICS.itemsSetAside, items, { ...labels, reason });
      parent?.setAsideItems(reason, items);
    },
    setAsideRow(reason) {
      add(counts.setAside, reason);
      report.count(DESTINATION_METRICS.rowsSetAside, 1, { ...labels, reason });
      parent?.setAsideRow(reason);
    },
    skipped(reason) {
      add(counts.skipped, reason);
      report.count(DESTINATION_METRICS.rowsSkipped, 1, { ...labels, reason });
      parent?.skipped(reason);
    },
    settledRow() {
      counts.settledRows += 1;
      parent?.settledRow();
    },
    sent(seconds) {
      report.observe(DESTINATION_METRICS.sendSeconds, seconds, labels);
      parent?.sent(seconds);
    },
  };
}
