import { OUTCOMES, type Outcome, type OutcomeSeverity, severityOf } from '@aisix-observability/evidence';
import type { ReceivedChange } from './receivedChange.ts';
import type { ReceivedSpan } from './receivedSpan.ts';

/** One request as its spans tell it. Absent means that they do not say. */
export interface BoardRequest {
  readonly requestId: string;
  readonly traceId: string;
  /** Epoch milliseconds with fractions. */
  readonly start: number;
  readonly end: number;
  readonly status?: number;
  readonly outcome: Outcome;
  readonly severity: OutcomeSeverity;
  readonly requestedModel?: string;
  readonly servedModel?: string;
  readonly apiKeyId?: string;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly attempts: number;
  readonly errorMessage?: string;
  /** SERVER first, then its descendants in order of start. */
  readonly spans: readonly ReceivedSpan[];
}

/** What the status line shows. */
export interface BoardTotals {
  readonly requests: number;
  readonly spans: number;
  readonly failed: number;
  readonly corrected: number;
  /** Of live requests, over the last seconds: what is replayed says nothing about now. */
  readonly requestsPerSecond: number;
  readonly spansPerSecond: number;
  /** Milliseconds from the end of a live request to its SERVER span at the destination; absent before the first. */
  readonly freshness?: { readonly median: number; readonly p95: number };
}

export interface Board {
  /** Takes spans that arrived at `time`. */
  add(spans: readonly ReceivedSpan[], time: number): void;
  /** Takes changes; a newer version takes the place of the earlier one, whatever id it had. */
  addChanges(changes: readonly ReceivedChange[]): void;
  /** Newest first. */
  changes(count: number): ReceivedChange[];
  /** Newest by end, newest first. */
  newest(count: number): BoardRequest[];
  /** The newest request that failed; stays for a while before it gives way to the next, so that it can be read. */
  failure(time: number): BoardRequest | undefined;
  totals(time: number): BoardTotals;
  /** Freshness over everything since `liveSince`. */
  overallFreshness(): BoardTotals['freshness'];
  /** Requests that end from now on count for freshness; replayed ones are old on purpose. */
  liveSince(time: number): void;
}

/** Changes that are remembered. */
const KEPT_CHANGES = 200;
const SERVER = 2;
/** Requests that are remembered; a screen shows some twenty. */
const KEPT_REQUESTS = 400;
/** Window of the rates and of freshness. */
const WINDOW_MS = 10_000;
/** Samples of freshness that are remembered for the end. */
const KEPT_SAMPLES = 20_000;
/** How long a failure stays on the screen at least. */
const HOLD_MS = 4_000;

/** Collects what the destination receives. Pure but for its own memory: the clock is a parameter. */
export function createBoard(): Board {
  /** Spans by trace, then by id; a corrected span takes the place of its earlier version. */
  const traces = new Map<string, Map<string, ReceivedSpan>>();
  /** SERVER spans in order of arrival. */
  const servers = new Map<string, ReceivedSpan>();
  const changes = new Map<string, ReceivedChange>();
  let totals = { requests: 0, spans: 0, failed: 0, corrected: 0 };
  let recent: { time: number; requests: number; spans: number }[] = [];
  let freshness: { time: number; ms: number }[] = [];
  const samples: number[] = [];
  let live = Number.POSITIVE_INFINITY;
  let shown: { request: BoardRequest; since: number } | undefined;

  const requestOf = (server: ReceivedSpan) => describe(server, [...(traces.get(server.traceId)?.values() ?? [])]);

  const forget = () => {
    for (const [key, server] of servers) {
      if (servers.size <= KEPT_REQUESTS) return;
      servers.delete(key);
      traces.delete(server.traceId);
    }
  };
  /** Children whose request never comes must not pile up. */
  const forgetOrphans = () => {
    for (const traceId of traces.keys()) {
      if (traces.size <= 2 * KEPT_REQUESTS) return;
      traces.delete(traceId);
    }
  };

  return {
    add: (spans, time) => {
      let requests = 0;
      for (const span of spans) {
        const trace = traces.get(span.traceId) ?? new Map<string, ReceivedSpan>();
        traces.set(span.traceId, trace.set(span.spanId, span));
        if (span.kind !== SERVER) continue;
        const key = `${span.traceId}${span.spanId}`;
        if (Number(span.attributes['aisix.revision'] ?? 0) > 0) totals = { ...totals, corrected: totals.corrected + 1 };
        else {
          requests += 1;
          if (severityOf(outcomeIn(span)) !== 'info') totals = { ...totals, failed: totals.failed + 1 };
          if (span.end >= live) {
            freshness.push({ time, ms: time - span.end });
            if (samples.length < KEPT_SAMPLES) samples.push(time - span.end);
          }
        }
        servers.delete(key);
        servers.set(key, span);
      }
      totals = { ...totals, requests: totals.requests + requests, spans: totals.spans + spans.length };
      recent.push({ time, ...liveCounts(spans, live) });
      forget();
      forgetOrphans();
    },
    addChanges(received) {
      for (const change of received) {
        if ((changes.get(change.changeId)?.version ?? 0) >= change.version) continue;
        for (const id of [...change.aliases, change.changeId]) changes.delete(id);
        changes.set(change.changeId, change);
      }
      for (const id of changes.keys()) {
        if (changes.size <= KEPT_CHANGES) break;
        changes.delete(id);
      }
    },
    changes: (count) => [...changes.values()].sort((a, b) => b.end - a.end).slice(0, count),
    newest: (count) =>
      [...servers.values()]
        .sort((a, b) => b.end - a.end)
        .slice(0, count)
        .map(requestOf),
    failure: (time) => {
      if (shown !== undefined && time - shown.since < HOLD_MS) return shown.request;
      const failed = [...servers.values()].filter((server) => severityOf(outcomeIn(server)) !== 'info');
      const errors = failed.filter((server) => severityOf(outcomeIn(server)) === 'error');
      const newest = (errors.length > 0 ? errors : failed).reduce<ReceivedSpan | undefined>(
        (best, server) => (best === undefined || server.end > best.end ? server : best),
        undefined,
      );
      if (newest === undefined) return undefined;
      const request = requestOf(newest);
      if (shown?.request.requestId !== request.requestId) shown = { request, since: time };
      else shown = { ...shown, request };
      return shown.request;
    },
    totals: (time) => {
      recent = recent.filter((entry) => time - entry.time < WINDOW_MS);
      freshness = freshness.filter((entry) => time - entry.time < WINDOW_MS);
      const first = recent[0]?.time ?? time;
      const seconds = Math.max(1, Math.min(WINDOW_MS, time - first) / 1000);
      const sum = (field: 'requests' | 'spans') => recent.reduce((total, entry) => total + entry[field], 0);
      const fresh = percentiles(freshness.map((entry) => entry.ms));
      return {
        ...totals,
        requestsPerSecond: sum('requests') / seconds,
        spansPerSecond: sum('spans') / seconds,
        ...(fresh !== undefined && { freshness: fresh }),
      };
    },
    overallFreshness: () => percentiles(samples),
    liveSince: (time) => {
      live = time;
    },
  };
}

function liveCounts(spans: readonly ReceivedSpan[], live: number): { requests: number; spans: number } {
  const ended = spans.filter((span) => span.end >= live);
  return { requests: ended.filter((span) => span.kind === SERVER).length, spans: ended.length };
}

function percentiles(values: readonly number[]): BoardTotals['freshness'] {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { median: at(0.5), p95: at(0.95) };
}

function outcomeIn({ attributes }: ReceivedSpan): Outcome {
  return OUTCOMES.find((outcome) => outcome === attributes['aisix.outcome']) ?? 'unknown';
}

function describe(server: ReceivedSpan, trace: readonly ReceivedSpan[]): BoardRequest {
  const spans = [server, ...descendants(server, trace)];
  const text = (key: string) => {
    const value = spans.map((span) => span.attributes[key]).find((found) => found !== undefined);
    return value === undefined ? undefined : String(value);
  };
  const number = (key: string) => {
    const value = text(key);
    return value === undefined || Number.isNaN(Number(value)) ? undefined : Number(value);
  };
  const outcome = outcomeIn(server);
  const attempts = spans.filter((span) => span.attributes['aisix.attempt_index'] !== undefined && span !== server);
  return {
    requestId: text('aisix.request_id') ?? '',
    traceId: server.traceId,
    start: server.start,
    end: server.end,
    outcome,
    severity: severityOf(outcome),
    attempts: attempts.length,
    spans,
    ...known({
      status:
        typeof server.attributes['http.response.status_code'] === 'number'
          ? server.attributes['http.response.status_code']
          : undefined,
      requestedModel: text('gen_ai.request.model') ?? text('gen_ai.tool.name') ?? text('gen_ai.agent.name'),
      servedModel: text('aisix.served_model'),
      apiKeyId: text('aisix.api_key_id'),
      inputTokens: number('gen_ai.usage.input_tokens'),
      outputTokens: number('gen_ai.usage.output_tokens'),
      errorMessage: attempts
        .map((span) => span.attributes['aisix.error_message'])
        .findLast((found) => found !== undefined)
        ?.toString(),
    }),
  };
}

function descendants(parent: ReceivedSpan, trace: readonly ReceivedSpan[]): ReceivedSpan[] {
  return trace
    .filter((span) => span.parentSpanId === parent.spanId && span !== parent && span.kind !== SERVER)
    .sort((a, b) => a.start - b.start)
    .flatMap((child) => [child, ...descendants(child, trace)]);
}

type Known<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Leaves out what is not known. */
function known<T extends object>(fields: T): Known<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Known<T>;
}
