import type { AttemptReport, SpanReport, UsageReport } from '../report.ts';

/**
 * Reports of the same three ids further apart than this are different requests: callers choose both ids and do use
 * them again. Ten minutes is longer than the gateway waits for any answer.
 */
export const WINDOW_GAP_MILLIS = 10 * 60_000;

/** One attempt number of a request, with the best report of each feed. */
export interface Slot {
  readonly usage?: UsageReport;
  readonly span?: SpanReport;
}

/**
 * Everything known of one request: bounded, because of each feed only one report per attempt number and kind is
 * kept. That loses nothing that a request can show, and does not depend on the order of arrival.
 */
export interface Evidence {
  /** Earliest and latest event time, epoch milliseconds. */
  first: number;
  last: number;
  dataPlane?: string;
  server?: SpanReport;
  /** By `slotKey`. */
  readonly slots: Map<string, Slot>;
}

/** What `absorb` did with a report; everything but `added` and `merged` is counted. */
export type Absorbed = 'added' | 'merged' | 'unchanged' | 'conflict' | 'superseded' | 'structural';

export function emptyEvidence(): Evidence {
  return { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY, slots: new Map() };
}

/** When the thing reported happened: usage events name a truncated second, spans an interval. */
export function eventInterval(report: AttemptReport): readonly [number, number] {
  return report.feed === 'usage' ? [report.occurredAt, report.occurredAt] : [report.startTime, report.endTime];
}

export function slotKey(index: number, kind: string | undefined): string {
  return `${index}/${kind ?? 'initial'}`;
}

/**
 * Takes one report into the evidence.
 *
 * Two reports of one identity are merged field by field. Of two identities for the same attempt number and kind
 * (a caller that sent the same ids twice within minutes) the later one stands.
 */
export function absorb(evidence: Evidence, report: AttemptReport, dataPlane: string | undefined): Absorbed {
  const [from, to] = eventInterval(report);
  if (from < evidence.first) evidence.first = from;
  if (to > evidence.last) evidence.last = to;
  if (dataPlane !== undefined && (evidence.dataPlane === undefined || dataPlane < evidence.dataPlane)) {
    evidence.dataPlane = dataPlane;
  }
  if (report.feed === 'usage') {
    const key = slotKey(report.attemptIndex, report.attemptKind);
    const slot = evidence.slots.get(key);
    const { kept, absorbed } = choose(slot?.usage, report, sameUsage, compareUsage);
    if (kept !== slot?.usage) evidence.slots.set(key, { ...slot, usage: kept });
    return absorbed;
  }
  if (report.role === 'server') {
    const { kept, absorbed } = choose(evidence.server, report, sameSpan, compareSpans);
    evidence.server = kept;
    return absorbed;
  }
  // The logical span repeats what its neighbours say; only spans with an attempt number are evidence.
  if (report.attemptIndex === undefined) return 'structural';
  const key = slotKey(report.attemptIndex, report.attemptKind);
  const slot = evidence.slots.get(key);
  const { kept, absorbed } = choose(slot?.span, report, sameSpan, compareSpans);
  if (kept !== slot?.span) evidence.slots.set(key, { ...slot, span: kept });
  return absorbed;
}

/** Takes all of `other` into `evidence`, for two windows that a report in between turned out to be one. */
export function join(evidence: Evidence, other: Evidence): void {
  for (const slot of other.slots.values()) {
    if (slot.usage !== undefined) absorb(evidence, slot.usage, other.dataPlane);
    if (slot.span !== undefined) absorb(evidence, slot.span, other.dataPlane);
  }
  if (other.server !== undefined) absorb(evidence, other.server, other.dataPlane);
  evidence.first = Math.min(evidence.first, other.first);
  evidence.last = Math.max(evidence.last, other.last);
}

function choose<R extends AttemptReport>(
  held: R | undefined,
  incoming: R,
  same: (a: R, b: R) => boolean,
  compare: (a: R, b: R) => number,
): { kept: R; absorbed: Absorbed } {
  if (held === undefined) return { kept: incoming, absorbed: 'added' };
  if (same(held, incoming)) return mergeSame(held, incoming);
  return compare(held, incoming) >= 0
    ? { kept: held, absorbed: 'superseded' }
    : { kept: incoming, absorbed: 'superseded' };
}

const sameUsage = (a: UsageReport, b: UsageReport) => a.occurredAt === b.occurredAt && a.statusCode === b.statusCode;
const sameSpan = (a: SpanReport, b: SpanReport) => a.spanId === b.spanId;

/** A total order in which the later report wins; within one second the one that succeeded, then the higher status. */
function compareUsage(a: UsageReport, b: UsageReport): number {
  return (
    a.occurredAt - b.occurredAt ||
    Number(succeeded(a.statusCode)) - Number(succeeded(b.statusCode)) ||
    a.statusCode - b.statusCode
  );
}

function compareSpans(a: SpanReport, b: SpanReport): number {
  return a.endTime - b.endTime || a.startTime - b.startTime || (a.spanId < b.spanId ? -1 : 1);
}

const succeeded = (status: number) => status >= 200 && status < 300;

/** Merges two reports of one identity: a present value wins over an absent one, of two values the smaller in JCS order. */
function mergeSame<R extends AttemptReport>(held: R, incoming: R): { kept: R; absorbed: Absorbed } {
  let merged: Record<string, unknown> | undefined;
  let conflict = false;
  for (const [field, value] of Object.entries(incoming)) {
    const present = (held as unknown as Record<string, unknown>)[field];
    if (value === undefined || present === value) continue;
    if (present !== undefined) {
      const before = canonical(present);
      const after = canonical(value);
      if (before === after) continue;
      conflict = true;
      if (before <= after) continue;
    }
    merged ??= { ...held };
    merged[field] = value;
  }
  const absorbed = conflict ? 'conflict' : merged === undefined ? 'unchanged' : 'merged';
  return { kept: (merged as R | undefined) ?? held, absorbed };
}

/** Enough of RFC 8785 to compare two decoded values: object keys sorted, everything else as JSON writes it. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
